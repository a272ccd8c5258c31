package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.Map;
import modelpatch.document.Json;
import modelpatch.tokenizer.SpecialTokens;

/**
 * tokenizer_config.json for a tokenizer.json that has none beside it: that tokenizer.json is to be taken as it is, and which of its special
 * tokens play a part. Runtimes that find no such file guess the tokenizer from the model's family, or give up.
 *
 * @param tokenizer the tokenizer.json
 */
record TokenizerConfig(JsonNode tokenizer, SpecialTokens tokens) {
    static final String FILE = "tokenizer_config.json";

    /** The class of transformers that runs any tokenizer.json and adds nothing to it. */
    private static final String AS_IT_IS = "PreTrainedTokenizerFast";

    ObjectNode json() {
        ObjectNode config = Json.object().put("tokenizer_class", AS_IT_IS).put("clean_up_tokenization_spaces", false);
        Map<Integer, String> special = special();
        tokens.begin().ifPresent(id -> put(config, "bos_token", special.get(id)));
        tokens.ends().stream().findFirst().ifPresent(id -> put(config, "eos_token", special.get(id)));
        tokens.padding().ifPresent(id -> put(config, "pad_token", special.get(id)));
        String unknown = tokenizer.path("model").path("unk_token").asText(null);
        put(config, "unk_token", special.containsValue(unknown) ? unknown : null);
        return config;
    }

    /** Only what tokenizer.json itself calls special: to declare another token so would change how text is cut. */
    private Map<Integer, String> special() {
        Map<Integer, String> names = new HashMap<>();
        for (JsonNode token : tokenizer.path("added_tokens")) {
            if (token.path("special").asBoolean()) {
                names.put(token.path("id").asInt(), token.path("content").asText());
            }
        }
        return names;
    }

    private static void put(ObjectNode config, String key, String token) {
        if (token != null) {
            config.put(key, token);
        }
    }
}

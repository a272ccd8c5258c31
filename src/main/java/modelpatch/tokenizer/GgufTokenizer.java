package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.document.Json;

/**
 * Writes the tokenizer.json that a GGUF file's metadata describes. Known is the byte-level byte-pair model ({@code tokenizer.ggml.model} =
 * {@code gpt2}) with the pre-tokenizers of {@link PreTokenizer}. (Sources: the GGUF specification's tokenizer keys; the JSON format of the
 * tokenizers library.)
 */
final class GgufTokenizer {
    /** The only model that is read and written. */
    static final String BYTE_LEVEL_PAIRS = "gpt2";

    /** What a file says that is used by token ids alone. */
    static final String NONE = "none";

    static final int NORMAL = 1;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    /** Of ids without a token, which only fill the rows of the embedding. */
    static final int UNUSED = 5;

    private static final List<String> KNOWN = List.of(BYTE_LEVEL_PAIRS);

    private final String where;
    private final Map<String, JsonNode> metadata;

    private GgufTokenizer(String where, Map<String, JsonNode> metadata) {
        this.where = where;
        this.metadata = metadata;
    }

    /** Whether the metadata speak of a tokenizer at all; a model that is used by token ids alone needs none. */
    static boolean isDescribed(Map<String, JsonNode> metadata) {
        JsonNode model = metadata.get("tokenizer.ggml.model");
        return model != null && !List.of(NONE, "no_vocab").contains(model.asText());
    }

    /** Whether the metadata describe a tokenizer of a known kind. */
    static boolean isKnown(Map<String, JsonNode> metadata) {
        return isOneOf(metadata.get("tokenizer.ggml.model"), KNOWN)
                && isOneOf(metadata.get("tokenizer.ggml.pre"), PreTokenizer.knownNames());
    }

    private static boolean isOneOf(JsonNode value, List<String> known) {
        return value != null && known.contains(value.asText());
    }

    /**
     * The text of the tokenizer.json, in UTF-8.
     *
     * @throws BadInput where the metadata describe no tokenizer, or one of an unknown kind
     */
    static byte[] json(String where, Map<String, JsonNode> metadata) {
        return Json.line(new GgufTokenizer(where, metadata).tokenizer()).getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode tokenizer() {
        requireKnown("model", KNOWN);
        requireKnown("pre", PreTokenizer.knownNames());
        PreTokenizer pre = PreTokenizer.of(text("pre")).orElseThrow();
        JsonNode tokens = list("tokens");
        ObjectNode json = Json.object();
        json.put("version", "1.0");
        json.putNull("truncation").putNull("padding");
        json.set("added_tokens", addedTokens(tokens));
        json.set("normalizer", pre.normalizer());
        json.set("pre_tokenizer", pre.preTokenizer(flag("add_space_prefix", false)));
        json.set("post_processor", postProcessor(pre, tokens));
        json.set("decoder", PreTokenizer.byteLevel(flag("add_space_prefix", false), true));
        json.set("model", model(pre, tokens));
        return json;
    }

    private ObjectNode model(PreTokenizer pre, JsonNode tokens) {
        ObjectNode model = PreTokenizer.typed("BPE");
        model.putNull("dropout")
                .putNull("unk_token")
                .putNull("continuing_subword_prefix")
                .putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", pre.wholeWords());
        ObjectNode vocab = model.putObject("vocab");
        JsonNode types = list("token_type");
        for (int id = 0; id < tokens.size(); id++) {
            if (types.path(id).asInt() == UNUSED) {
                continue;
            }
            String token = tokens.get(id).asText();
            if (vocab.has(token)) {
                throw wrong("tokens", "each token once", "'" + token + "' as " + vocab.get(token) + " and " + id);
            }
            vocab.put(token, id);
        }
        ArrayNode merges = model.putArray("merges");
        for (JsonNode merge : list("merges")) {
            String pair = merge.asText();
            int space = pair.indexOf(' ', 1); // byte-level tokens hold no space: it is spelled Ġ
            if (space < 1 || space == pair.length() - 1) {
                throw wrong("merges", "two tokens and a space between them", "'" + pair + "'");
            }
            merges.addArray().add(pair.substring(0, space)).add(pair.substring(space + 1));
        }
        return model;
    }

    /** Control and user-defined tokens are found in the text before anything else is cut. */
    private ArrayNode addedTokens(JsonNode tokens) {
        JsonNode types = list("token_type");
        if (types.size() != tokens.size()) {
            throw wrong("token_type", tokens.size() + " entries, one per token", String.valueOf(types.size()));
        }
        ArrayNode added = Json.array();
        for (int id = 0; id < types.size(); id++) {
            int type = types.get(id).asInt();
            if (type == CONTROL || type == USER_DEFINED) {
                ObjectNode token = added.addObject();
                token.put("id", id).put("content", tokens.get(id).asText());
                token.put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false);
                token.put("special", type == CONTROL);
            }
        }
        return added;
    }

    /** The tokens that begin and end every sequence, where the file asks for them. */
    private JsonNode postProcessor(PreTokenizer pre, JsonNode tokens) {
        ObjectNode template = PreTokenizer.typed("TemplateProcessing");
        ArrayNode single = template.putArray("single");
        ArrayNode pair = template.putArray("pair");
        ObjectNode special = template.putObject("special_tokens");
        if (flag("add_bos_token", pre.beginsSequence())) {
            addSpecial("bos", tokens, single, pair, special);
        }
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        pair.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 1);
        if (flag("add_eos_token", false)) {
            addSpecial("eos", tokens, single, pair, special);
        }
        return template;
    }

    private void addSpecial(String role, JsonNode tokens, ArrayNode single, ArrayNode pair, ObjectNode special) {
        String key = role + "_token_id";
        JsonNode id = metadata.get("tokenizer.ggml." + key);
        if (id == null || !id.isIntegralNumber() || !tokens.has(id.asInt())) {
            throw wrong(key, "the id of a token, because the file asks for it", String.valueOf(id));
        }
        String token = tokens.get(id.asInt()).asText();
        for (ArrayNode template : List.of(single, pair)) {
            template.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
        }
        ObjectNode entry = special.putObject(token).put("id", token);
        entry.putArray("ids").add(id.asInt());
        entry.putArray("tokens").add(token);
    }

    private void requireKnown(String key, List<String> known) {
        JsonNode value = metadata.get("tokenizer.ggml." + key);
        if (!isOneOf(value, known)) {
            throw new BadInput(
                    "unsupported tokenizer.ggml." + key,
                    where,
                    "one of " + known,
                    value == null ? "no such key" : value.asText(),
                    "put the model's tokenizer.json beside the file; it is then used instead");
        }
    }

    private String text(String key) {
        return metadata.get("tokenizer.ggml." + key).asText();
    }

    private boolean flag(String key, boolean otherwise) {
        JsonNode value = metadata.get("tokenizer.ggml." + key);
        return value == null ? otherwise : value.asBoolean();
    }

    private JsonNode list(String key) {
        JsonNode value = metadata.get("tokenizer.ggml." + key);
        if (value == null || !value.isArray()) {
            throw wrong(
                    key,
                    "a list",
                    value == null ? "no such key" : value.getNodeType().toString());
        }
        return value;
    }

    private BadInput wrong(String key, String expected, String found) {
        return new BadInput(
                "wrong tokenizer.ggml." + key,
                where,
                expected,
                found,
                "put the model's tokenizer.json beside the file");
    }
}

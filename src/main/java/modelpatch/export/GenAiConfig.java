package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import modelpatch.architecture.ModelConfig;
import modelpatch.document.Json;
import modelpatch.tokenizer.SpecialTokens;

/**
 * genai_config.json, which ONNX Runtime GenAI reads beside model.onnx: what the graph's inputs and outputs are called, how large its cache is,
 * which tokens end a text and how the next one is chosen. (Source: that runtime's configuration schema; its types as of version 0.18.)
 *
 * @param config sizes of the model
 * @param generation the directory's generation_config.json
 */
record GenAiConfig(ModelConfig config, JsonNode generation, SpecialTokens tokens) {
    static final String FILE = "genai_config.json";

    /**
     * Families that it runs by their own name as it runs every decoder. The others are given the name that stands for any: some it does not
     * know; by {@code gpt2} it means a graph with keys and values in one tensor; with {@code phi3} it runs everything again at token 4,097.
     */
    private static final Set<String> KNOWN_BY_NAME = Set.of("gemma2", "llama", "mistral", "qwen2", "qwen3");

    private static final String ANY_DECODER = "decoder";

    /** Settings that generation_config.json has under the same names. */
    private static final List<String> SHARED_SETTINGS =
            List.of("do_sample", "temperature", "top_k", "top_p", "repetition_penalty");

    /**
     * Writes the file, unless nobody says which token ends a text: the runtime would then take the one with id 0 for it. Nor where keys and
     * values have different widths: it knows one for both.
     *
     * @param directory with generation_config.json
     */
    static void write(Path directory, ModelConfig config, Companions companions) {
        SpecialTokens tokens = companions.specialTokens(directory).below(config.dVocab());
        if (!tokens.ends().isEmpty() && config.dKey() == config.dHead()) {
            JsonNode generation = Json.object(directory.resolve(Companions.GENERATION));
            GenAiConfig made = new GenAiConfig(config, generation, tokens);
            Companions.write(directory.resolve(FILE), made.json().toPrettyString());
        }
    }

    ObjectNode json() {
        ObjectNode root = Json.object();
        ObjectNode model = root.putObject("model");
        model.put("type", KNOWN_BY_NAME.contains(config.modelType()) ? config.modelType() : ANY_DECODER);
        model.put("context_length", config.nCtx()).put("vocab_size", config.dVocab());
        tokens.begin().ifPresent(id -> model.put("bos_token_id", id));
        Companions.putEnds(model, tokens);
        model.put("pad_token_id", tokens.padding().orElse(tokens.ends().get(0)));
        model.set("decoder", decoder());
        root.set("search", search());
        return root;
    }

    private ObjectNode decoder() {
        ObjectNode decoder = Json.object().put("filename", OnnxFile.MODEL);
        decoder.putObject("session_options").putArray("provider_options");
        decoder.put("hidden_size", config.dModel())
                .put("head_size", config.dHead())
                .put("num_attention_heads", config.nHeads())
                .put("num_key_value_heads", config.nKeyValueHeads())
                .put("num_hidden_layers", config.nLayers());
        decoder.putObject("inputs")
                .put("input_ids", "input_ids")
                .put("attention_mask", "attention_mask")
                .put("position_ids", "position_ids")
                .put("past_key_names", "past_key_values.%d.key")
                .put("past_value_names", "past_key_values.%d.value");
        decoder.putObject("outputs")
                .put("logits", "logits")
                .put("present_key_names", "present.%d.key")
                .put("present_value_names", "present.%d.value");
        return decoder;
    }

    /** How the next token is chosen; the cache grows from run to run, as the graph's outputs do. */
    private ObjectNode search() {
        ObjectNode search = Json.object()
                .put("max_length", config.nCtx())
                .put("do_sample", false)
                .put("past_present_share_buffer", false);
        for (String setting : SHARED_SETTINGS) {
            JsonNode value = generation.path(setting);
            if (value.isNumber() || value.isBoolean()) {
                search.set(setting, value);
            }
        }
        return search;
    }
}

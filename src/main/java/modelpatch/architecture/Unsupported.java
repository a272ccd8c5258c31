package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.family.Family;

/** Says of a model that cannot be run which part of it is missing here, and what helps. */
final class Unsupported {
    /** What keys of a configuration give away, the gravest first. */
    private static final Map<String, List<String>> SIGNS = signs();

    private Unsupported() {}

    private static Map<String, List<String>> signs() {
        Map<String, List<String>> signs = new LinkedHashMap<>();
        signs.put(
                "a state space or recurrence, which has no attention to patch",
                List.of(
                        "state_size",
                        "ssm_cfg",
                        "ssm_state_size",
                        "mamba_d_state",
                        "mamba_d_conv",
                        "time_step_rank",
                        "conv_kernel",
                        "lru_width",
                        "attention_hidden_size",
                        "linear_conv_kernel_dim",
                        "expand_factor",
                        "block_types"));
        signs.put(
                "an encoder beside the decoder",
                List.of("encoder_layers", "num_encoder_layers", "d_kv", "relative_attention_num_buckets", "encoder"));
        signs.put(
                "images or sound",
                List.of("vision_config", "audio_config", "image_token_id", "image_token_index", "mm_vision_tower"));
        signs.put("latent attention", List.of("kv_lora_rank", "q_lora_rank"));
        signs.put(
                "experts",
                List.of(
                        "num_experts",
                        "num_local_experts",
                        "n_routed_experts",
                        "moe_intermediate_size",
                        "num_experts_per_tok",
                        "moe_num_experts"));
        signs.put("ALiBi", List.of("alibi", "use_alibi", "alibi_bias_max"));
        return signs;
    }

    static BadInput architecture(JsonNode config, String modelType, String where) {
        String named = modelType.isEmpty() ? "no model_type" : "\"" + modelType + "\"";
        Optional<String> sign = SIGNS.entrySet().stream()
                .filter(entry -> entry.getValue().stream().anyMatch(key -> says(config, key)))
                .map(Map.Entry::getKey)
                .findFirst()
                .or(() -> config.path("is_encoder_decoder").asBoolean()
                        ? Optional.of("an encoder beside the decoder")
                        : Optional.empty());
        return new BadInput(
                "unknown architecture",
                where,
                "a model_type among " + String.join(", ", Family.known().keySet()),
                named + sign.map(part -> ", with " + part).orElse(""),
                sign.filter(part -> part.startsWith("a state space"))
                        .map(part -> "nothing here can patch it")
                        .orElse(
                                "an entry in families.yaml (switches, tensor names, keys) and its conformance checkpoint are missing"));
    }

    private static boolean says(JsonNode config, String key) {
        JsonNode value = config.path(key);
        return !value.isMissingNode() && !InertKeys.isFalsy(value);
    }

    /** @throws BadInput where the weights are quantised in a way of another program */
    static void requireNotQuantised(JsonNode config, String where) {
        Optional<JsonNode> found = Stream.of("quantization_config", "compression_config")
                .map(config::path)
                .filter(JsonNode::isObject)
                .findFirst();
        if (found.isPresent()) {
            JsonNode quantisation = found.get();
            String method = quantisation
                    .path("quant_method")
                    .asText(
                            quantisation.path("load_in_4bit").asBoolean()
                                            || quantisation.path("load_in_8bit").asBoolean()
                                    ? "bitsandbytes"
                                    : "an unnamed method");
            throw new BadInput(
                    "quantised weights",
                    where,
                    "weights in float, or a GGUF file",
                    "quantised by " + method,
                    "bring the original that it was made from; an edit needs the numbers before they were rounded");
        }
    }
}

package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;

/**
 * The architecture of one decoder, read from its config.json and its family.
 *
 * @param modelType the family, as config.json names it
 * @param dModel width of the residual stream
 * @param nLayers number of blocks
 * @param nHeads query heads per block
 * @param nKeyValueHeads key-value heads per block; each serves nHeads / nKeyValueHeads query heads
 * @param dHead width of one head
 * @param dMlp width of the MLP
 * @param dVocab rows of the unembedding
 * @param nCtx the longest sequence, in tokens
 * @param normEpsilon added to the variance before its root is taken
 * @param parallel whether attention and MLP both read the residual before the block (GPT-J)
 * @param activation of the MLP
 * @param attentionScale factor of q k^T
 * @param attentionCap soft cap of attention scores, 0 for none
 * @param finalCap soft cap of the logits, 0 for none
 * @param windows how many positions, itself included, a query of each layer sees; 0 for all
 * @param rotary empty where positions are learned
 * @param tied whether the unembedding is the embedding
 */
public record ModelConfig(
        String modelType,
        int dModel,
        int nLayers,
        int nHeads,
        int nKeyValueHeads,
        int dHead,
        int dMlp,
        int dVocab,
        int nCtx,
        double normEpsilon,
        boolean parallel,
        Activation activation,
        double attentionScale,
        double attentionCap,
        double finalCap,
        List<Integer> windows,
        Optional<Rotary> rotary,
        boolean tied) {

    /** The MLP's non-linearity. */
    public enum Activation {
        SILU,
        RELU,
        GELU,
        GELU_TANH;

        /** By its names in config files; empty for one that is not known. */
        static Optional<Activation> named(String name) {
            return switch (name) {
                case "silu", "swish" -> Optional.of(SILU);
                case "relu" -> Optional.of(RELU);
                case "gelu" -> Optional.of(GELU);
                case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> Optional.of(GELU_TANH);
                default -> Optional.empty();
            };
        }
    }

    /** Keys that some config.json files carry and that leave a forward pass as it is. */
    private static final Set<String> INERT = Set.of(
            "add_cross_attention",
            "architectures",
            "attention_bias", // whether a bias is there is read off the tensors
            "attention_dropout",
            "attn_pdrop",
            "auto_map",
            "bos_token_id",
            "cache_implementation",
            "classifier_dropout",
            "dropout",
            "dtype",
            "embd_pdrop",
            "enable_bias",
            "eos_token_id",
            "hidden_dropout",
            "init_std",
            "initializer_range",
            "is_decoder",
            "is_llama_config",
            "layer_norm_elementwise_affine",
            "layerdrop",
            "max_window_layers",
            "mlp_bias",
            "model_type",
            "name_or_path",
            "original_max_position_embeddings",
            "pad_token_id",
            "prefix",
            "pretraining_tp",
            "reorder_and_upcast_attn",
            "resid_pdrop",
            "rope_interleaved",
            "summary_activation",
            "summary_first_dropout",
            "summary_proj_to_labels",
            "summary_type",
            "summary_use_proj",
            "task_specific_params",
            "torch_dtype",
            "transformers_version",
            "transformers.js_config",
            "unk_token_id",
            "use_bidirectional_attention",
            "use_cache",
            "tokenizer_class",
            "vocab_size_padded");

    /** Keys that are read below. */
    private static final Set<String> READ = Set.of(
            "activation_function",
            "attn_logit_softcapping",
            "ffn_dim",
            "final_logit_softcapping",
            "head_dim",
            "hidden_act",
            "hidden_activation",
            "hidden_size",
            "intermediate_size",
            "layer_norm_eps",
            "layer_norm_epsilon",
            "layer_types",
            "max_position_embeddings",
            "n_ctx",
            "n_embd",
            "n_head",
            "n_inner",
            "n_layer",
            "n_positions",
            "num_attention_heads",
            "num_hidden_layers",
            "num_key_value_heads",
            "partial_rotary_factor",
            "query_pre_attn_scalar",
            "rms_norm_eps",
            "rope_parameters",
            "rope_scaling",
            "rope_theta",
            "rotary_dim",
            "rotary_emb_base",
            "rotary_pct",
            "sliding_window",
            "tie_word_embeddings",
            "use_parallel_residual",
            "use_sliding_window",
            "vocab_size");

    /** Switches of which one setting only is understood. */
    private static final Map<String, String> FIXED = Map.of(
            "scale_attn_by_inverse_layer_idx", "false",
            "scale_attn_weights", "true",
            "_remove_final_layer_norm", "false",
            "do_layer_norm_before", "true");

    public ModelConfig {
        windows = List.copyOf(windows);
    }

    /**
     * Reads a configuration in the Hugging Face style.
     *
     * @param where what to name in messages
     * @throws BadInput naming the family, size or switch that is missing or not understood
     */
    public static ModelConfig read(JsonNode config, String where) {
        String type = config.path("model_type").asText("");
        Family family = Family.of(type, where);
        refuseUnknownSwitches(config, where);
        int dModel = integer(config, where, "hidden_size", "n_embd");
        int nLayers = integer(config, where, "num_hidden_layers", "n_layer");
        int nHeads = integer(config, where, "num_attention_heads", "n_head");
        int nKeyValueHeads = config.path("num_key_value_heads").canConvertToInt()
                ? integer(config, where, "num_key_value_heads")
                : nHeads;
        if (nHeads % nKeyValueHeads != 0) {
            throw new BadInput(
                    "grouped heads",
                    where,
                    "num_attention_heads to be a multiple of num_key_value_heads",
                    nHeads + " and " + nKeyValueHeads,
                    "correct config.json");
        }
        int dHead = config.path("head_dim").canConvertToInt() ? integer(config, where, "head_dim") : dModel / nHeads;
        String activation = text(config, where, "hidden_act", "activation_function", "hidden_activation");
        double scalar = config.path("query_pre_attn_scalar").asDouble(dHead);
        Optional<Rotary> rotary = family.rotary().equals("none")
                ? Optional.empty()
                : Optional.of(Rotary.read(config, dHead, family.rotary().equals("pairs"), where));
        return new ModelConfig(
                type,
                dModel,
                nLayers,
                nHeads,
                nKeyValueHeads,
                dHead,
                config.has("n_embd") && !config.path("n_inner").canConvertToInt()
                        ? 4 * dModel // GPT-2 and GPT-J leave it out
                        : integer(config, where, "intermediate_size", "ffn_dim", "n_inner"),
                integer(config, where, "vocab_size"),
                integer(config, where, "max_position_embeddings", "n_positions"),
                epsilon(config),
                "config".equals(family.parallel())
                        ? config.path("use_parallel_residual").asBoolean(true)
                        : "true".equals(family.parallel()),
                Activation.named(activation)
                        .orElseThrow(() -> new BadInput(
                                "activation",
                                where,
                                "one of silu, relu, gelu, gelu_new, gelu_pytorch_tanh",
                                "\"" + activation + "\"",
                                "its formula is missing here")),
                1 / Math.sqrt(scalar),
                config.path("attn_logit_softcapping").asDouble(0),
                config.path("final_logit_softcapping").asDouble(0),
                windows(config, family, nLayers, where),
                rotary,
                config.path("tie_word_embeddings").asBoolean(family.tiedByDefault()));
    }

    private static void refuseUnknownSwitches(JsonNode config, String where) {
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : config.properties()) {
            String key = entry.getKey();
            String value = entry.getValue().asText();
            if (FIXED.containsKey(key)) {
                if (!FIXED.get(key).equals(value)) {
                    missing.add(key + " = " + value + " (only " + FIXED.get(key) + " is understood)");
                }
            } else if (key.equals("word_embed_proj_dim")) {
                if (entry.getValue().asInt() != config.path("hidden_size").asInt()) {
                    missing.add("word_embed_proj_dim other than hidden_size");
                }
            } else if (!READ.contains(key)
                    && !INERT.contains(key)
                    && !key.startsWith("_")
                    && !entry.getValue().isNull()) {
                missing.add(key + " = " + entry.getValue());
            }
        }
        if (!missing.isEmpty()) {
            throw new BadInput(
                    "unknown switches",
                    where,
                    "keys whose effect is understood",
                    String.join("; ", missing),
                    "remove a key from config.json if it does not change the forward pass; if it does, the model is not supported");
        }
    }

    private static List<Integer> windows(JsonNode config, Family family, int nLayers, String where) {
        int window = config.path("sliding_window").asInt(0);
        if (config.has("use_sliding_window")
                && !config.get("use_sliding_window").asBoolean()) {
            window = 0;
        }
        List<Integer> windows = new ArrayList<>();
        for (int layer = 0; layer < nLayers; layer++) {
            JsonNode kind = config.path("layer_types").path(layer);
            if (kind.isTextual()
                    && !Set.of("sliding_attention", "full_attention").contains(kind.asText())) {
                throw new BadInput(
                        "layer type",
                        where,
                        "sliding_attention or full_attention",
                        "\"" + kind.asText() + "\" at layer " + layer,
                        "this kind of layer is missing here");
            }
            boolean slides = kind.isTextual()
                    ? kind.asText().equals("sliding_attention")
                    : !family.alternatingWindow() || layer % 2 == 0;
            windows.add(slides ? window : 0);
        }
        return windows;
    }

    private static double epsilon(JsonNode config) {
        for (String key : List.of("rms_norm_eps", "layer_norm_eps", "layer_norm_epsilon")) {
            if (config.has(key)) {
                return config.get(key).asDouble();
            }
        }
        return 1e-5; // what PyTorch's LayerNorm takes where a config (OPT) says nothing
    }

    private static int integer(JsonNode config, String where, String... keys) {
        for (String key : keys) {
            if (config.path(key).canConvertToInt()) {
                int value = config.get(key).asInt();
                if (value < 1) {
                    throw new BadInput(key, where, "a positive number", String.valueOf(value), "correct config.json");
                }
                return value;
            }
        }
        throw new BadInput(
                "missing size",
                where,
                "a whole number under " + String.join(" or ", keys),
                "none",
                "correct config.json");
    }

    private static String text(JsonNode config, String where, String... keys) {
        for (String key : keys) {
            if (config.path(key).isTextual()) {
                return config.get(key).asText();
            }
        }
        throw new BadInput("missing name", where, String.join(" or ", keys), "none of them", "correct config.json");
    }

    /** @throws BadInput where an id is no row of the embedding */
    public void requireIds(int[] ids) {
        for (int id : ids) {
            if (id < 0 || id >= dVocab) {
                throw new BadInput(
                        "token id out of range",
                        "ids",
                        "0 to " + (dVocab - 1),
                        String.valueOf(id),
                        "the ids must come from this model's tokenizer");
            }
        }
    }
}

package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/** Keys that configurations carry and that leave a forward pass as it is: about training, generation, provenance and other heads. */
final class InertKeys {
    private static final Set<String> NAMES = Set.of(
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
            "output_router_logits",
            "pad_token_id",
            "prefix",
            "pretraining_tp",
            "qkv_bias",
            "reorder_and_upcast_attn",
            "resid_pdrop",
            "rope_interleaved",
            "router_aux_loss_coef", // of training, as the next one is
            "router_jitter_noise",
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

    private InertKeys() {}

    /** Whether a key that no family reads can be passed over: its name says so, or there is nothing in it. */
    static boolean cannotMatter(String key, JsonNode value) {
        return NAMES.contains(key) || key.startsWith("_") || value.isNull();
    }
}

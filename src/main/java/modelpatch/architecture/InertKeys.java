package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.regex.Pattern;

/** Keys that configurations carry and that leave a forward pass as it is: about training, generation, provenance and other heads. */
final class InertKeys {
    /** Rates of dropout, which acts in training alone. */
    private static final Pattern DROPOUT = Pattern.compile(".*(dropout|_pdrop|_drop_prob|layerdrop).*");

    /** Whether there are biases is read off the tensors. */
    private static final Pattern BIASES =
            Pattern.compile("(no_|use_|enable_)?(qkv_|attention_|attention_out_|mlp_|lm_head_|use_qkv_)?bias");

    private static final Set<String> NAMES = Set.of(
            "model_parallel",
            "parallelize",
            "revision",
            "num_nextn_predict_layers",
            "xla_device",
            "custom_pipelines",
            "head_bias",
            "pretrained_model_name_or_path",
            "merges_file",
            "vocab_file",
            "base_model_name_or_path",
            "base_model",
            "model_name",
            "logits_to_keep",
            "num_logits_to_keep",
            "max_sequence_length",
            "n_ctx",
            "_attn_implementation",
            "_name_or_path",
            "add_cross_attention",
            "architectures",
            "attn_implementation",
            "auto_map",
            "bad_words_ids",
            "begin_suppress_tokens",
            "bos_token_id",
            "cache_implementation",
            "chunk_size_feed_forward",
            "cross_attention_hidden_size",
            "datasets",
            "decoder_start_token_id",
            "diversity_penalty",
            "do_sample",
            "dtype",
            "early_stopping",
            "encoder_no_repeat_ngram_size",
            "eod_token_id",
            "eos_token_id",
            "exponential_decay_length_penalty",
            "finetuning_task",
            "forced_bos_token_id",
            "forced_eos_token_id",
            "gradient_checkpointing",
            "id2label",
            "init_method",
            "init_method_std",
            "init_std",
            "initializer_factor",
            "initializer_range",
            "is_decoder",
            "is_encoder_decoder",
            "is_llama_config",
            "label2id",
            "language",
            "layer_norm_elementwise_affine",
            "length_penalty",
            "license",
            "max_length",
            "max_new_tokens",
            "min_length",
            "model_max_length",
            "model_type",
            "name_or_path",
            "neftune_noise_alpha",
            "no_repeat_ngram_size",
            "num_beam_groups",
            "num_beams",
            "num_labels",
            "num_return_sequences",
            "original_max_position_embeddings",
            "output_attentions",
            "output_hidden_states",
            "output_past",
            "output_router_logits",
            "output_scores",
            "pad_token_id",
            "pad_vocab_size_multiple",
            "prefix",
            "pretraining_tp",
            "problem_type",
            "pruned_heads",
            "remove_invalid_values",
            "reorder_and_upcast_attn",
            "repetition_penalty",
            "return_dict",
            "return_dict_in_generate",
            "rope_interleaved",
            "router_aux_loss_coef",
            "router_jitter_noise",
            "sep_token_id",
            "summary_activation",
            "summary_proj_to_labels",
            "summary_type",
            "summary_use_proj",
            "suppress_tokens",
            "task_specific_params",
            "temperature",
            "tf_legacy_loss",
            "tie_encoder_decoder",
            "tokenizer_class",
            "top_k",
            "top_p",
            "torch_dtype",
            "torchscript",
            "transformers.js_config",
            "transformers_version",
            "typical_p",
            "unk_token_id",
            "unsloth_fixed",
            "unsloth_version",
            "use_bfloat16",
            "use_bidirectional_attention",
            "use_cache",
            "use_flash_attn",
            "vocab_size_padded");

    /** Names that tell by their form that they are about training, generation, provenance or other heads. */
    private static final Pattern FORMS = Pattern.compile(
            "(.*_token_ids?|.*_token_index|.*_token|summary_.*|unsloth_.*|transformers.*|torch.*|tokenizer_.*"
                    + "|training_.*|.*_version|.*_loss_coef|.*_loss_weight|initializer_.*|init_.*|output_.*|return_.*|.*2label|label2.*"
                    + "|.*_beams|.*_penalty|forced_.*|suppress_.*|gradient_.*|.*flash_attn.*|.*flash_attention.*|pad_to_.*)");

    private InertKeys() {}

    /** Whether a key that no family reads can be passed over: its name says so, or it switches nothing on. */
    static boolean cannotMatter(String key, JsonNode value) {
        return NAMES.contains(key)
                || key.startsWith("_")
                || FORMS.matcher(key).matches()
                || DROPOUT.matcher(key).matches()
                || BIASES.matcher(key).matches()
                || isFalsy(value);
    }

    /** null, false, 0, and what is empty. */
    static boolean isFalsy(JsonNode value) {
        return value.isNull()
                || (value.isBoolean() && !value.asBoolean())
                || (value.isNumber() && value.asDouble() == 0)
                || (value.isTextual() && value.asText().isEmpty())
                || (value.isContainerNode() && value.isEmpty());
    }
}

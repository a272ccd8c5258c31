package modelpatch.family;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/** What a configuration says of a decoder; which key says it is the family's. */
public enum Setting {
    /** Width of the residual stream. */
    @JsonProperty("d_model")
    D_MODEL("embedding_length"),
    /** Number of blocks. */
    @JsonProperty("n_layers")
    N_LAYERS("block_count"),
    /** Query heads per block. */
    @JsonProperty("n_heads")
    N_HEADS("attention.head_count"),
    /** Key-value heads per block; as many as query heads where nothing is said. */
    @JsonProperty("n_key_value_heads")
    N_KEY_VALUE_HEADS("attention.head_count_kv"),
    /** Width of a head; d_model / n_heads where nothing is said. */
    @JsonProperty("d_head")
    D_HEAD("attention.key_length"),
    /** Width of the part of queries and keys that does not turn, where they are made of latents. */
    @JsonProperty("d_still")
    D_STILL,
    /** Width of the latent that queries are made of; none where they are made at once. */
    @JsonProperty("d_query_latent")
    D_QUERY_LATENT,
    /** Width of the latent that keys and values are made of. */
    @JsonProperty("d_key_value_latent")
    D_KEY_VALUE_LATENT,
    /** Added to the variance of latents before its root is taken. */
    @JsonProperty("latent_epsilon")
    LATENT_EPSILON,
    /** Width of the MLP; 4 d_model where nothing is said. */
    @JsonProperty("d_mlp")
    D_MLP("feed_forward_length"),
    /** Rows of the unembedding. */
    @JsonProperty("d_vocab")
    D_VOCAB,
    /** The longest sequence, in tokens. */
    @JsonProperty("n_ctx")
    N_CTX("context_length"),
    /** Added to the variance before its root is taken. */
    @JsonProperty("norm_epsilon")
    NORM_EPSILON("attention.layer_norm_rms_epsilon"),
    /** The MLP's non-linearity. */
    @JsonProperty("activation")
    ACTIVATION,
    /** Whether attention and MLP both read the residual stream before the block. */
    @JsonProperty("parallel")
    PARALLEL("use_parallel_residual"),
    /** Whether the unembedding is the embedding. */
    @JsonProperty("tied")
    TIED,
    /** Attention scores are divided by its root; d_head where nothing is said. */
    @JsonProperty("attention_scalar")
    ATTENTION_SCALAR,
    /** Soft cap of attention scores. */
    @JsonProperty("attention_cap")
    ATTENTION_CAP("attn_logit_softcapping"),
    /** Soft cap of the logits. */
    @JsonProperty("final_cap")
    FINAL_CAP("final_logit_softcapping"),
    /** How many positions, itself included, a query sees. */
    @JsonProperty("window")
    WINDOW("attention.sliding_window"),
    /** Whether there is a window at all. */
    @JsonProperty("uses_window")
    USES_WINDOW,
    /** The first layer that has it. */
    @JsonProperty("first_window_layer")
    FIRST_WINDOW_LAYER,
    /** How many layers, from the first, may have it. */
    @JsonProperty("window_layers")
    WINDOW_LAYERS,
    /** For each layer, full_attention or sliding_attention. */
    @JsonProperty("layer_types")
    LAYER_TYPES,
    /** Scaling, and in newer files everything, of rotary positions. */
    @JsonProperty("rotary_parameters")
    ROTARY_PARAMETERS,
    /** Base of the rotary frequencies. */
    @JsonProperty("rotary_theta")
    ROTARY_THETA("rope.freq_base"),
    /** The share of a head's dimensions that turns. */
    @JsonProperty("rotary_fraction")
    ROTARY_FRACTION,
    /** How many of a head's dimensions turn. */
    @JsonProperty("rotary_dimensions")
    ROTARY_DIMENSIONS,
    /** Whether queries grow with their position in layers whose heads do not turn. */
    @JsonProperty("uses_gain")
    USES_GAIN,
    /** By what factor of a logarithm they do. */
    @JsonProperty("gain_strength")
    GAIN_STRENGTH,
    /** After how many positions each time. */
    @JsonProperty("gain_length")
    GAIN_LENGTH,
    /** Bound of a gate and of the units that it gates. */
    @JsonProperty("gate_limit")
    GATE_LIMIT,
    /** Factor of a gate inside its sigmoid. */
    @JsonProperty("gate_sharpness")
    GATE_SHARPNESS,
    /** How many layers behind the last are stored that guess further tokens; the model's own answer does not go through them. */
    @JsonProperty("further_layers")
    FURTHER_LAYERS,
    /** How many experts a block has. */
    @JsonProperty("n_experts")
    N_EXPERTS("expert_count"),
    /** How many of them a token goes to. */
    @JsonProperty("chosen_experts")
    CHOSEN_EXPERTS("expert_used_count"),
    /** Width of an expert; d_mlp where nothing is said. */
    @JsonProperty("d_expert")
    D_EXPERT("expert_feed_forward_length"),
    /** Whether a token's weights of experts are divided by their sum. */
    @JsonProperty("normalised_experts")
    NORMALISED_EXPERTS,
    /** Factor of the weights of experts. */
    @JsonProperty("expert_scale")
    EXPERT_SCALE,
    /** How many groups the experts are in. */
    @JsonProperty("expert_groups")
    EXPERT_GROUPS,
    /** From how many groups a token's experts come. */
    @JsonProperty("chosen_groups")
    CHOSEN_GROUPS,
    /** How experts are chosen, greedy or from groups. */
    @JsonProperty("expert_choice")
    EXPERT_CHOICE,
    /** Width of the MLP beside the experts. */
    @JsonProperty("d_shared")
    D_SHARED("expert_shared_feed_forward_length"),
    /** How many experts wide the MLP beside the experts is. */
    @JsonProperty("n_shared")
    N_SHARED,
    /** How many layers come before the first with experts. */
    @JsonProperty("first_expert_layer")
    FIRST_EXPERT_LAYER,
    /** Every how many layers one has experts, the last of them. */
    @JsonProperty("expert_step")
    EXPERT_STEP,
    /** The layers that have experts; says more than {@link #EXPERT_STEP}. */
    @JsonProperty("expert_layers")
    EXPERT_LAYERS,
    /** Layers that have none. */
    @JsonProperty("dense_layers")
    DENSE_LAYERS,
    /** By what embeddings are multiplied. */
    @JsonProperty("embedding_scale")
    EMBEDDING_SCALE("embedding_scale"),
    /** Factor of q k^T, where it is said as such. */
    @JsonProperty("attention_multiplier")
    ATTENTION_MULTIPLIER("attention.scale"),
    /** By what attention and MLP are multiplied before they join the residual stream. */
    @JsonProperty("residual_multiplier")
    RESIDUAL_MULTIPLIER("residual_scale"),
    /** By what logits are multiplied. */
    @JsonProperty("logit_scale")
    LOGIT_SCALE("logit_scale"),
    /** By what logits are divided. */
    @JsonProperty("logit_divisor")
    LOGIT_DIVISOR("logit_scale"),
    /** Bound of queries, keys and values. */
    @JsonProperty("clip")
    CLIP("attention.clamp_kqv"),
    /** Every so-manieth layer has no window. */
    @JsonProperty("window_period")
    WINDOW_PERIOD,
    /** For each layer, 1 where positions turn its heads, else 0. */
    @JsonProperty("rotary_layers")
    ROTARY_LAYERS,
    /** Every so-manieth layer is not turned. */
    @JsonProperty("rotary_layer_period")
    ROTARY_LAYER_PERIOD,
    /** Base of the rotary frequencies in layers with a window. */
    @JsonProperty("local_theta")
    LOCAL_THETA("rope.freq_base_swa"),
    /** The context length before it was stretched, where it stands outside of the rotary parameters. */
    @JsonProperty("original_context")
    ORIGINAL_CONTEXT("rope.scaling.original_context_length"),
    /** The largest exponent of the slopes of attention biases. */
    @JsonProperty("alibi_bias_max")
    ALIBI_BIAS_MAX("attention.max_alibi_bias"),
    /** Width of the token embedding where it may differ from d_model. */
    @JsonProperty("embedding_width")
    EMBEDDING_WIDTH;

    private final Optional<String> gguf;

    Setting() {
        this.gguf = Optional.empty();
    }

    Setting(String gguf) {
        this.gguf = Optional.of(gguf);
    }

    /** Its key in GGUF behind the architecture's name, where there is one. (Source: the GGUF specification's standard keys.) */
    public Optional<String> gguf() {
        return gguf;
    }
}

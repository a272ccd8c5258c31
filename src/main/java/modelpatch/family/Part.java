package modelpatch.family;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A part of a decoder that has tensors, and its name in GGUF. (Source: the GGUF specification's standard tensor names.) */
public enum Part {
    /** The token embedding, [d_vocab, d_model]. */
    @JsonProperty("embedding")
    EMBEDDING("token_embd"),
    /** The norm of embeddings. */
    @JsonProperty("embedding_norm")
    EMBEDDING_NORM("token_embd_norm"),
    /** Learned positions, [n_ctx + offset, d_model]. */
    @JsonProperty("positions")
    POSITIONS("position_embd"),
    /** The norm before the unembedding. */
    @JsonProperty("final_norm")
    FINAL_NORM("output_norm"),
    /** W_U, [d_vocab, d_model]. */
    @JsonProperty("unembedding")
    UNEMBEDDING("output"),
    /** The norm before attention. */
    @JsonProperty("attention_norm")
    ATTENTION_NORM("attn_norm"),
    /** W_Q. */
    @JsonProperty("query")
    QUERY("attn_q"),
    /** W_K. */
    @JsonProperty("key")
    KEY("attn_k"),
    /** W_V. */
    @JsonProperty("value")
    VALUE("attn_v"),
    /** W_Q, W_K and W_V in one. */
    @JsonProperty("query_key_value")
    QUERY_KEY_VALUE("attn_qkv"),
    /** What narrows x before queries are made. */
    @JsonProperty("query_down")
    QUERY_DOWN("attn_q_a"),
    /** The norm behind it. */
    @JsonProperty("query_down_norm")
    QUERY_DOWN_NORM("attn_q_a_norm"),
    /** What makes queries of that. */
    @JsonProperty("query_up")
    QUERY_UP("attn_q_b"),
    /** What narrows x before keys and values are made, and makes the part of the keys that all heads share. */
    @JsonProperty("key_value_down")
    KEY_VALUE_DOWN("attn_kv_a_mqa"),
    /** The norm behind it. */
    @JsonProperty("key_value_down_norm")
    KEY_VALUE_DOWN_NORM("attn_kv_a_norm"),
    /** What makes keys and values of that. */
    @JsonProperty("key_value_up")
    KEY_VALUE_UP("attn_kv_b"),
    /** The norm of queries. */
    @JsonProperty("query_norm")
    QUERY_NORM("attn_q_norm"),
    /** The norm of keys. */
    @JsonProperty("key_norm")
    KEY_NORM("attn_k_norm"),
    /** W_O, [d_model, n_heads * d_head]. */
    @JsonProperty("output")
    OUTPUT("attn_output"),
    /** A score of each head that takes part in the softmax alone; the whole name. */
    @JsonProperty("sinks")
    SINKS("attn_sinks"),
    /** The norm between W_O and the residual stream. */
    @JsonProperty("attention_out_norm")
    ATTENTION_OUT_NORM("post_attention_norm"),
    /** The norm before the MLP. */
    @JsonProperty("mlp_norm")
    MLP_NORM("ffn_norm"),
    /** The gate of a gated MLP. */
    @JsonProperty("mlp_gate")
    MLP_GATE("ffn_gate"),
    /** The MLP's first matrix. */
    @JsonProperty("mlp_in")
    MLP_IN("ffn_up"),
    /** Gate and first matrix in one. */
    @JsonProperty("mlp_gate_in")
    MLP_GATE_IN("ffn_up"),
    /** W_down, the MLP's second matrix, [d_model, d_mlp]. */
    @JsonProperty("mlp_out")
    MLP_OUT("ffn_down"),
    /** The router of experts, [experts, d_model]. */
    @JsonProperty("router")
    ROUTER("ffn_gate_inp"),
    /** What is added to scores of experts for the choice alone, [experts]; the whole name. */
    @JsonProperty("router_correction")
    ROUTER_CORRECTION("exp_probs_b"),
    /** The gate of one expert, {@code %e}, [d_expert, d_model]. */
    @JsonProperty("expert_gate")
    EXPERT_GATE("ffn_gate_exps"),
    /** The first matrix of one expert, [d_expert, d_model]. */
    @JsonProperty("expert_in")
    EXPERT_IN("ffn_up_exps"),
    /** Gates and first matrices of all experts in one. */
    @JsonProperty("expert_gate_in")
    EXPERT_GATE_IN("ffn_gate_up_exps"),
    /** The second matrix of one expert, or of all in one, [d_model, d_expert]. */
    @JsonProperty("expert_out")
    EXPERT_OUT("ffn_down_exps"),
    /** The gate of the MLP beside the experts. */
    @JsonProperty("shared_gate")
    SHARED_GATE("ffn_gate_shexp"),
    /** Its first matrix. */
    @JsonProperty("shared_in")
    SHARED_IN("ffn_up_shexp"),
    /** Its second matrix. */
    @JsonProperty("shared_out")
    SHARED_OUT("ffn_down_shexp"),
    /** How much of it there is, [1, d_model]. */
    @JsonProperty("shared_share")
    SHARED_SHARE("ffn_gate_inp_shexp"),
    /** The norm between the MLP and the residual stream. */
    @JsonProperty("mlp_out_norm")
    MLP_OUT_NORM("post_ffw_norm");

    private final String gguf;

    Part(String gguf) {
        this.gguf = gguf;
    }

    /** The name in GGUF, without the block before it and {@code .weight} behind it. */
    public String gguf() {
        return gguf;
    }

    /** Whether it is a norm. */
    public boolean isNorm() {
        return name().endsWith("_NORM");
    }
}

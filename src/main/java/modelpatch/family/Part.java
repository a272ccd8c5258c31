package modelpatch.family;

import com.fasterxml.jackson.annotation.JsonProperty;

/** A part of a decoder that has tensors, and its name in GGUF. (Source: the GGUF specification's standard tensor names.) */
public enum Part {
    /** The token embedding, [d_vocab, d_model]. */
    @JsonProperty("embedding")
    EMBEDDING("token_embd"),
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
    /** The norm of queries. */
    @JsonProperty("query_norm")
    QUERY_NORM("attn_q_norm"),
    /** The norm of keys. */
    @JsonProperty("key_norm")
    KEY_NORM("attn_k_norm"),
    /** W_O, [d_model, n_heads * d_head]. */
    @JsonProperty("output")
    OUTPUT("attn_output"),
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
}

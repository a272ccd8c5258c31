package modelpatch.checkpoint;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the tensors of one architecture are called in GGUF and in the Hugging Face layout: one table, read in both directions. (Source: the
 * GGUF specification's standard tensor names.)
 *
 * @param architecture one of those that GGUF is read and written for
 */
record GgufNames(String architecture) {
    private static final Map<String, String> OUTER = Map.of(
            "token_embd.weight", "model.embed_tokens.weight",
            "output_norm.weight", "model.norm.weight",
            "output.weight", "lm_head.weight");
    private static final Map<String, String> INNER = Map.of(
            "attn_norm", "input_layernorm",
            "attn_q", "self_attn.q_proj",
            "attn_k", "self_attn.k_proj",
            "attn_v", "self_attn.v_proj",
            "attn_output", "self_attn.o_proj",
            "ffn_norm", "post_attention_layernorm",
            "ffn_gate", "mlp.gate_proj",
            "ffn_up", "mlp.up_proj",
            "ffn_down", "mlp.down_proj");
    /** Norms of queries and keys within a head, of qwen3 only. */
    private static final Map<String, String> HEAD_NORMS =
            Map.of("attn_q_norm", "self_attn.q_norm", "attn_k_norm", "self_attn.k_norm");

    /** The biases that llama.cpp has a place for; it refuses a file with any other. */
    private static final Map<String, Set<String>> BIASES = Map.of(
            "llama", Set.of("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"),
            "qwen2", Set.of("attn_q", "attn_k", "attn_v"),
            "qwen3", Set.of());

    private static final Map<String, String> OUTER_IN_GGUF = inverted(OUTER);
    private static final Map<String, String> INNER_IN_GGUF = inverted(INNER);
    private static final Map<String, String> HEAD_NORMS_IN_GGUF = inverted(HEAD_NORMS);

    private static final Pattern IN_GGUF = Pattern.compile("blk\\.(\\d{1,5})\\.([a-z_]+)\\.(weight|bias)");
    private static final Pattern IN_HUGGING_FACE =
            Pattern.compile("model\\.layers\\.(\\d{1,5})\\.([a-z_.]+)\\.(weight|bias)");

    /** The Hugging Face name; empty for a tensor that the architecture does not have. */
    Optional<String> huggingFace(String inGguf) {
        Matcher block = IN_GGUF.matcher(inGguf);
        return block.matches()
                ? inner(block.group(2), INNER, HEAD_NORMS)
                        .map(stem -> "model.layers." + block.group(1) + "." + stem + "." + block.group(3))
                : Optional.ofNullable(OUTER.get(inGguf));
    }

    /** The name in GGUF; empty for a tensor that llama.cpp has no place for. */
    Optional<String> gguf(String inHuggingFace) {
        Matcher block = IN_HUGGING_FACE.matcher(inHuggingFace);
        return block.matches()
                ? inner(block.group(2), INNER_IN_GGUF, HEAD_NORMS_IN_GGUF)
                        .filter(stem -> block.group(3).equals("weight")
                                || BIASES.get(architecture).contains(stem))
                        .map(stem -> "blk." + block.group(1) + "." + stem + "." + block.group(3))
                : Optional.ofNullable(OUTER_IN_GGUF.get(inHuggingFace));
    }

    private Optional<String> inner(String stem, Map<String, String> names, Map<String, String> headNorms) {
        String other = names.get(stem);
        return Optional.ofNullable(other == null && architecture.equals("qwen3") ? headNorms.get(stem) : other);
    }

    private static Map<String, String> inverted(Map<String, String> names) {
        return names.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));
    }
}

package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/** Converts a checkpoint of a family that GGUF is read for, as llama.cpp's converter does: names, keys, row order, rotary factors. */
public final class GgufConversion {
    private static final Map<String, String> GGUF_NAMES = Map.ofEntries(
            Map.entry("model.embed_tokens", "token_embd"),
            Map.entry("model.norm", "output_norm"),
            Map.entry("lm_head", "output"),
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"));

    private GgufConversion() {}

    /** The same model, every tensor as float32. */
    public static GgufBuilder convert(Checkpoint original) {
        JsonNode config = original.config();
        String architecture = config.path("model_type").asText();
        int heads = config.path("num_attention_heads").asInt();
        int keyValueHeads = config.path("num_key_value_heads").asInt();
        int dHead = config.path("head_dim").asInt(config.path("hidden_size").asInt() / heads);
        JsonNode rope = config.path("rope_parameters");
        GgufBuilder gguf = new GgufBuilder(3)
                .put("general.architecture", architecture)
                .put(
                        architecture + ".block_count",
                        config.path("num_hidden_layers").asInt())
                .put(
                        architecture + ".context_length",
                        config.path("max_position_embeddings").asInt())
                .put(
                        architecture + ".embedding_length",
                        config.path("hidden_size").asInt())
                .put(
                        architecture + ".feed_forward_length",
                        config.path("intermediate_size").asInt())
                .put(architecture + ".attention.head_count", heads)
                .put(architecture + ".attention.head_count_kv", keyValueHeads)
                .put(architecture + ".attention.key_length", dHead)
                .put(architecture + ".rope.freq_base", (float)
                        rope.path("rope_theta").asDouble())
                .put(architecture + ".attention.layer_norm_rms_epsilon", (float)
                        config.path("rms_norm_eps").asDouble());
        if (rope.path("rope_type").asText().equals("llama3")) {
            long context = rope.path("original_max_position_embeddings").asLong();
            gguf.put(architecture + ".rope.scaling.original_context_length", (int) context);
            gguf.float32("rope_freqs.weight", List.of(dHead / 2L), ropeFactors(rope, dHead));
        }
        for (String name : original.tensors().keySet()) {
            float[] values = GgufTest.read(original, name);
            if (architecture.equals("llama") && name.matches(".*[qk]_proj.*")) {
                values = interleaved(values, name.contains("q_proj") ? heads : keyValueHeads, dHead);
            }
            gguf.float32(ggufName(name), original.tensor(name).shape(), values);
        }
        return gguf;
    }

    /** The converter's permutation: reshape(heads, 2, dHead/2, in), then the second and third axes swapped. */
    static float[] interleaved(float[] values, int heads, int dHead) {
        int in = values.length / (heads * dHead);
        float[] swapped = new float[values.length];
        for (int head = 0; head < heads; head++) {
            for (int half = 0; half < 2; half++) {
                for (int pair = 0; pair < dHead / 2; pair++) {
                    int from = (head * 2 + half) * (dHead / 2) + pair;
                    int to = (head * (dHead / 2) + pair) * 2 + half;
                    System.arraycopy(values, from * in, swapped, to * in, in);
                }
            }
        }
        return swapped;
    }

    private static float[] ropeFactors(JsonNode rope, int dHead) {
        double factor = rope.path("factor").asDouble();
        double context = rope.path("original_max_position_embeddings").asDouble();
        double low = rope.path("low_freq_factor").asDouble();
        double high = rope.path("high_freq_factor").asDouble();
        float[] factors = new float[dHead / 2];
        for (int pair = 0; pair < factors.length; pair++) {
            double wavelength = 2 * Math.PI * Math.pow(rope.path("rope_theta").asDouble(), 2.0 * pair / dHead);
            double smooth = (context / wavelength - low) / (high - low);
            double between = 1 / ((1 - smooth) / factor + smooth);
            factors[pair] = (float) (wavelength < context / high ? 1 : wavelength > context / low ? factor : between);
        }
        return factors;
    }

    private static String ggufName(String name) {
        String stem = name.substring(0, name.lastIndexOf('.'));
        String suffix = name.substring(name.lastIndexOf('.'));
        if (!stem.startsWith("model.layers.")) {
            return GGUF_NAMES.get(stem) + suffix;
        }
        String[] parts = stem.split("\\.", 4);
        return "blk." + parts[2] + "." + GGUF_NAMES.get(parts[3]) + suffix;
    }
}

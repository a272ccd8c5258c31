package modelpatch.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.tokenizer.ByteVocabulary;

/**
 * A tiny safetensors model with a byte-level tokenizer and random weights. Its rows for ASCII letters and signs are large, so its greedy text
 * is ASCII, is decided with room to spare, and never ends by itself.
 */
public final class ByteModel {
    private static final int MODEL = 64;
    private static final int MLP = 96;
    private static final int HEAD = 16;
    private static final int LAYERS = 2;

    private ByteModel() {}

    /**
     * Writes a model directory.
     *
     * @param family a model_type that GGUF is written for
     * @param pre the tokenizer's kind, as GGUF names it
     */
    public static Path write(Path directory, String family, String pre) {
        List<String> vocabulary = ByteVocabulary.tokens();
        int rows = vocabulary.size() + 2; // two rows without a token
        Random random = new Random(11);
        List<OutgoingTensor> tensors = new ArrayList<>();
        float[] embedding = gaussian(rows * MODEL, 1, random);
        for (int id = 0; id < rows; id++) {
            boolean ascii = id < vocabulary.size() && vocabulary.get(id).matches("[A-Za-z0-9.,]+");
            for (int i = 0; i < MODEL && !ascii; i++) {
                embedding[id * MODEL + i] *= 0.2f;
            }
        }
        tensors.add(matrix("model.embed_tokens.weight", rows, MODEL, embedding));
        tensors.add(vector("model.norm.weight", MODEL, random));
        for (int layer = 0; layer < LAYERS; layer++) {
            String at = "model.layers." + layer + ".";
            tensors.add(vector(at + "input_layernorm.weight", MODEL, random));
            tensors.add(vector(at + "post_attention_layernorm.weight", MODEL, random));
            tensors.add(linear(at + "self_attn.q_proj.weight", 4 * HEAD, MODEL, random));
            tensors.add(linear(at + "self_attn.k_proj.weight", 2 * HEAD, MODEL, random));
            tensors.add(linear(at + "self_attn.v_proj.weight", 2 * HEAD, MODEL, random));
            tensors.add(loud(at + "self_attn.o_proj.weight", MODEL, 4 * HEAD, random));
            tensors.add(linear(at + "mlp.gate_proj.weight", MLP, MODEL, random));
            tensors.add(linear(at + "mlp.up_proj.weight", MLP, MODEL, random));
            tensors.add(loud(at + "mlp.down_proj.weight", MODEL, MLP, random));
            if (family.equals("qwen2")) {
                tensors.add(vector(at + "self_attn.q_proj.bias", 4 * HEAD, random));
                tensors.add(vector(at + "self_attn.k_proj.bias", 2 * HEAD, random));
                tensors.add(vector(at + "self_attn.v_proj.bias", 2 * HEAD, random));
            }
            if (family.equals("qwen3")) {
                tensors.add(vector(at + "self_attn.q_norm.weight", HEAD, random));
                tensors.add(vector(at + "self_attn.k_norm.weight", HEAD, random));
            }
        }
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("config.json"), config(family, rows));
            Files.write(directory.resolve("tokenizer.json"), ByteVocabulary.tokenizerJson(pre));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        SafetensorsWriter.write(directory.resolve("model.safetensors"), Map.of(), tensors);
        return directory;
    }

    private static String config(String family, int rows) {
        String scaling = family.equals("llama")
                ? "{\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0, \"high_freq_factor\": 4.0,"
                        + " \"original_max_position_embeddings\": 32}"
                : "null";
        return """
                {"model_type": "%s", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
                 "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "hidden_act": "silu",
                 "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "rope_scaling": %s, "max_position_embeddings": 256,
                 "vocab_size": %d, "tie_word_embeddings": true, "eos_token_id": %d}
                """.formatted(family, scaling, rows, ByteVocabulary.end());
    }

    private static OutgoingTensor linear(String name, int out, int in, Random random) {
        return matrix(name, out, in, gaussian(out * in, 1.5 / Math.sqrt(in), random));
    }

    /** What a block adds to the residual stream, above the token's own embedding there: else greedy text repeats one letter. */
    private static OutgoingTensor loud(String name, int out, int in, Random random) {
        return matrix(name, out, in, gaussian(out * in, 6 / Math.sqrt(in), random));
    }

    private static OutgoingTensor matrix(String name, int out, int in, float[] values) {
        return OutgoingTensor.float32(name, List.of((long) out, (long) in), values);
    }

    private static OutgoingTensor vector(String name, int length, Random random) {
        float[] values = gaussian(length, 0.2, random);
        for (int i = 0; i < length && name.contains("norm"); i++) {
            values[i] += 1;
        }
        return OutgoingTensor.float32(name, List.of((long) length), values);
    }

    private static float[] gaussian(int count, double deviation, Random random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return values;
    }
}

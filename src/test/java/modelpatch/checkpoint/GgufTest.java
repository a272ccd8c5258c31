package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** GGUF files written by the test, read as the Hugging Face checkpoints they stand for. */
class GgufTest {
    private static final int D_MODEL = 64;

    @TempDir
    Path directory;

    /** Metadata of a one-layer model with two heads of 32 dimensions and one key-value head. */
    static GgufBuilder metadata(int version, String architecture) {
        return new GgufBuilder(version)
                .put("general.architecture", architecture)
                .put(architecture + ".block_count", 1)
                .put(architecture + ".context_length", 128)
                .put(architecture + ".embedding_length", D_MODEL)
                .put(architecture + ".feed_forward_length", 96)
                .put(architecture + ".attention.head_count", 2)
                .put(architecture + ".attention.head_count_kv", 1)
                .put(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f)
                .put(architecture + ".rope.freq_base", 500000f);
    }

    static float[] counting(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = i;
        }
        return values;
    }

    private static GgufBuilder withEmbedding(GgufBuilder builder) {
        return builder.float32("token_embd.weight", List.of(3L, 64L), counting(192));
    }

    private Checkpoint open(GgufBuilder builder) {
        return Checkpoint.open(builder.write(directory.resolve("m.gguf")));
    }

    @ParameterizedTest
    @CsvSource({
        "2,F64,28",
        "2,F32,0",
        "2,F16,1",
        "2,BF16,30",
        "2,Q8_0,8",
        "2,Q4_0,2",
        "2,Q4_1,3",
        "3,F64,28",
        "3,F32,0",
        "3,F16,1",
        "3,BF16,30",
        "3,Q8_0,8",
        "3,Q4_0,2",
        "3,Q4_1,3"
    })
    void everyKindInBothVersionsIsDecodedRowAfterRow(int version, TensorKind kind, int ggmlType) {
        byte[] stored = new byte[(int) kind.bytes(5 * D_MODEL)];
        new Random(version).nextBytes(stored);

        try (Checkpoint checkpoint =
                open(metadata(version, "llama").tensor("token_embd.weight", ggmlType, List.of(5L, 64L), stored))) {
            TensorInfo info = checkpoint.tensor("model.embed_tokens.weight");
            assertThat(info.kind()).isEqualTo(kind);
            assertThat(info.shape()).containsExactly(5L, 64L);
            assertThat(checkpoint.stored(info.name())).isEqualTo(ByteBuffer.wrap(stored));
            float[] decoded = read(checkpoint, info.name());
            ByteBuffer oracle = ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < decoded.length; i++) {
                assertThat(Float.floatToIntBits(decoded[i]))
                        .isEqualTo(Float.floatToIntBits(FloatDecoderTest.element(kind, oracle, i)));
            }
        }
    }

    @Test
    void rotaryRowsOfTheLlamaFamilyComeBackInOrder() {
        // Hugging Face row r of head h holds value 1000 h + r; the file keeps row i beside row i + 16.
        float[] file = new float[2 * 32 * D_MODEL];
        for (int row = 0; row < 64; row++) {
            int head = row / 32;
            int pair = row % 32 / 2;
            int huggingFaceRow = row % 2 == 0 ? pair : pair + 16;
            Arrays.fill(file, row * D_MODEL, (row + 1) * D_MODEL, 1000f * head + huggingFaceRow);
        }
        GgufBuilder builder = withEmbedding(metadata(3, "llama"))
                .float32("blk.0.attn_q.weight", List.of(64L, 64L), file)
                .float32("blk.0.attn_v.weight", List.of(32L, 64L), Arrays.copyOf(file, 32 * D_MODEL))
                .float32("blk.0.attn_k.bias", List.of(32L), counting(32));

        try (Checkpoint checkpoint = open(builder)) {
            float[] queries = read(checkpoint, "model.layers.0.self_attn.q_proj.weight");
            for (int i = 0; i < queries.length; i++) {
                int row = i / D_MODEL;
                int head = row / 32;
                assertThat(queries[i]).as("row %d", row).isEqualTo(1000f * head + row % 32);
            }
            float[] bias = read(checkpoint, "model.layers.0.self_attn.k_proj.bias");
            assertThat(bias[1]).as("second coordinate of the first half").isEqualTo(2f);
            assertThat(bias[16]).as("first coordinate of the second half").isEqualTo(1f);
            assertThat(read(checkpoint, "model.layers.0.self_attn.v_proj.weight"))
                    .as("values are not rotated")
                    .isEqualTo(Arrays.copyOf(file, 32 * D_MODEL));
        }
    }

    @Test
    void qwenRowsAreStoredInOrder() {
        GgufBuilder builder = withEmbedding(metadata(3, "qwen2"))
                .float32("blk.0.attn_q.weight", List.of(64L, 64L), counting(64 * 64))
                .float32("blk.0.attn_q.bias", List.of(64L), counting(64));

        try (Checkpoint checkpoint = open(builder)) {
            assertThat(read(checkpoint, "model.layers.0.self_attn.q_proj.weight"))
                    .isEqualTo(counting(64 * 64));
            assertThat(read(checkpoint, "model.layers.0.self_attn.q_proj.bias")).isEqualTo(counting(64));
        }
    }

    @Test
    void metadataBecomeTheConfiguration() {
        try (Checkpoint checkpoint = open(withEmbedding(metadata(3, "llama")).put("tokenizer.ggml.eos_token_id", 2))) {
            JsonNode config = checkpoint.config();
            assertThat(config.path("model_type").asText()).isEqualTo("llama");
            assertThat(config.path("hidden_size").asInt()).isEqualTo(64);
            assertThat(config.path("intermediate_size").asInt()).isEqualTo(96);
            assertThat(config.path("num_hidden_layers").asInt()).isEqualTo(1);
            assertThat(config.path("num_attention_heads").asInt()).isEqualTo(2);
            assertThat(config.path("num_key_value_heads").asInt()).isEqualTo(1);
            assertThat(config.path("head_dim").asInt()).isEqualTo(32);
            assertThat(config.path("max_position_embeddings").asInt()).isEqualTo(128);
            assertThat(config.path("vocab_size").asInt()).isEqualTo(3);
            assertThat(config.path("rms_norm_eps").asDouble())
                    .as("as it was written")
                    .isEqualTo(1e-5);
            assertThat(config.path("rope_theta").asDouble()).isEqualTo(500000);
            assertThat(config.path("tie_word_embeddings").asBoolean()).isTrue();
            assertThat(config.path("eos_token_id").asInt()).isEqualTo(2);
            assertThat(checkpoint.metadata().get("llama.rope.freq_base").asDouble())
                    .isEqualTo(500000);
        }
    }

    @Test
    void anUnembeddingOfItsOwnMeansThatNothingIsTied() {
        try (Checkpoint checkpoint =
                open(withEmbedding(metadata(3, "llama")).float32("output.weight", List.of(3L, 64L), counting(192)))) {
            assertThat(checkpoint.config().path("tie_word_embeddings").asBoolean())
                    .isFalse();
            assertThat(checkpoint.contains("lm_head.weight")).isTrue();
        }
    }

    @Test
    void offsetsFollowTheStatedAlignment() {
        GgufBuilder builder = metadata(3, "llama").alignment(64).float32("output_norm.weight", List.of(1L), 7);

        try (Checkpoint checkpoint = open(withEmbedding(builder))) {
            assertThat(checkpoint.tensor("model.embed_tokens.weight").offset() % 64)
                    .isZero();
            assertThat(read(checkpoint, "model.norm.weight")).containsExactly(7);
            assertThat(read(checkpoint, "model.embed_tokens.weight")).isEqualTo(counting(192));
        }
    }

    @Test
    void rotaryFactorsOfLlama31BecomeItsScaling() {
        float[] factors = new float[16];
        for (int pair = 0; pair < 16; pair++) {
            double wavelength = 2 * Math.PI * Math.pow(500000, pair / 16.0);
            double smooth = (8192 / wavelength - 1) / 3;
            double inverse = (1 - smooth) / 8 + smooth;
            factors[pair] = (float) (wavelength < 8192 / 4.0 ? 1 : wavelength > 8192 ? 8 : 1 / inverse);
        }

        try (Checkpoint checkpoint =
                open(withEmbedding(metadata(3, "llama")).float32("rope_freqs.weight", List.of(16L), factors))) {
            JsonNode scaling = checkpoint.config().path("rope_scaling");
            assertThat(scaling.path("rope_type").asText()).isEqualTo("llama3");
            assertThat(scaling.path("factor").asDouble()).isEqualTo(8);
            assertThat(scaling.path("original_max_position_embeddings").asInt()).isEqualTo(8192);
            assertThat(checkpoint.tensors()).as("factors are no weight").containsOnlyKeys("model.embed_tokens.weight");
        }
        factors[3] = 2;
        GgufBuilder others = withEmbedding(metadata(3, "llama")).float32("rope_freqs.weight", List.of(16L), factors);
        assertThatThrownBy(() -> open(others)).isInstanceOf(BadInput.class).hasMessageContaining("rotary factors");
    }

    @Test
    void linearScalingIsAKey() {
        GgufBuilder builder =
                metadata(3, "llama").put("llama.rope.scaling.type", "linear").put("llama.rope.scaling.factor", 4f);

        try (Checkpoint checkpoint = open(withEmbedding(builder))) {
            assertThat(checkpoint.config().path("rope_scaling").toString())
                    .isEqualTo("{\"rope_type\":\"linear\",\"factor\":4.0}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek2", "mamba", "gptj"})
    void anArchitectureThatIsNotKnownIsRefusedByName(String architecture) {
        GgufBuilder builder = withEmbedding(metadata(3, architecture));

        assertThatThrownBy(() -> open(builder))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll(
                        "unsupported architecture", architecture, "gemma3, glm4", "qwen2, qwen2moe, qwen3");
    }

    @ParameterizedTest
    @CsvSource({
        "rope.scaling.attn_factor,2",
        "rope.dimension_count,16",
        "attention.value_length,16",
        "attention.clamp_kqv,1"
    })
    void aSwitchThatIsNotUnderstoodIsRefusedByName(String key, int value) {
        GgufBuilder builder = withEmbedding(metadata(3, "llama")).put("llama." + key, value);

        assertThatThrownBy(() -> open(builder)).isInstanceOf(BadInput.class).hasMessageContaining("llama." + key);
    }

    @Test
    void aTensorThatTheArchitectureDoesNotHaveIsRefusedByName() {
        GgufBuilder builder = withEmbedding(metadata(3, "llama")).float32("blk.0.attn_sinks.weight", List.of(1L), 1);

        assertThatThrownBy(() -> open(builder))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("unknown tensor", "blk.0.attn_sinks.weight");
    }

    @Test
    void aTypeThatIsNotReadIsRefusedByItsName() {
        GgufBuilder builder = metadata(3, "llama").tensor("token_embd.weight", 31, List.of(2L, 256L), new byte[288]);

        assertThatThrownBy(() -> open(builder))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("token_embd.weight", "ggml type 31", "withdrawn", "Q4_K");
    }

    @Test
    void theArchitectureIsRefusedBeforeTheKindsOfItsTensors() {
        GgufBuilder builder = metadata(3, "mamba").tensor("token_embd.weight", 31, List.of(2L, 256L), new byte[288]);

        assertThatThrownBy(() -> open(builder))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("unsupported architecture", "mamba")
                .hasMessageNotContaining("token_embd.weight");
    }

    static float[] read(Checkpoint checkpoint, String name) {
        float[] values = new float[(int) checkpoint.tensor(name).elements()];
        checkpoint.readFloat32(name, FloatBuffer.wrap(values));
        return values;
    }
}

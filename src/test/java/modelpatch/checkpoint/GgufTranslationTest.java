package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Safetensors translated to GGUF: the inverse of reading, held against an independent converter. */
class GgufTranslationTest {
    @TempDir
    Path directory;

    private Checkpoint translated(Path source, TensorKind kind) {
        Path file = directory.resolve("m-" + kind + ".gguf");
        try (Checkpoint original = Checkpoint.open(source)) {
            GgufTranslation.of(original).write(Map.of(), kind, Map.of(), file);
        }
        return Checkpoint.open(file);
    }

    /** A conformance model with another configuration and further tensors. */
    private Path changed(String model, Consumer<ObjectNode> configuration, OutgoingTensor... further)
            throws IOException {
        Path changed = Files.createDirectories(directory.resolve("changed"));
        Path source = SafetensorsTest.conformanceModel(model);
        ObjectNode config = (ObjectNode)
                new ObjectMapper().readTree(source.resolve("config.json").toFile());
        configuration.accept(config);
        Files.writeString(changed.resolve("config.json"), config.toString());
        try (Checkpoint original = Checkpoint.open(source)) {
            List<OutgoingTensor> tensors = new ArrayList<>(List.of(further));
            original.tensors().keySet().forEach(name -> tensors.add(OutgoingTensor.stored(original, name)));
            SafetensorsWriter.write(changed.resolve("model.safetensors"), Map.of(), tensors);
        }
        return changed;
    }

    private static OutgoingTensor zeros(String name, long... shape) {
        List<Long> sizes = new ArrayList<>();
        long elements = 1;
        for (long size : shape) {
            sizes.add(size);
            elements *= size;
        }
        return OutgoingTensor.float32(name, sizes, new float[(int) elements]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama_mha_untied", "llama31_rope", "qwen2", "qwen3"})
    void everyByteIsThatOfAnIndependentConverter(String model) {
        Path source = SafetensorsTest.conformanceModel(model);
        try (Checkpoint original = Checkpoint.open(source);
                Checkpoint expected =
                        Checkpoint.open(GgufConversion.convert(original).write(directory.resolve("expected.gguf")));
                Checkpoint written = translated(source, TensorKind.F32)) {
            assertThat(written.tensors().keySet())
                    .containsExactlyElementsOf(original.tensors().keySet());
            for (String name : original.tensors().keySet()) {
                assertThat(written.tensor(name).shape())
                        .isEqualTo(original.tensor(name).shape());
                assertThat(written.stored(name)).as("bytes of " + name).isEqualTo(expected.stored(name));
                assertThat(GgufTest.read(written, name)).as(name).isEqualTo(GgufTest.read(original, name));
            }
            assertThat(written.config()).isEqualTo(expected.config());
        }
    }

    @Test
    void sixteenBitsAreWithinTheirRoundingAndVectorsStayWhole() {
        Path source = SafetensorsTest.conformanceModel("qwen3");
        try (Checkpoint original = Checkpoint.open(source);
                Checkpoint half = translated(source, TensorKind.F16);
                Checkpoint brain = translated(source, TensorKind.BF16)) {
            for (TensorInfo info : original.tensors().values()) {
                boolean matrix = info.shape().size() > 1;
                assertThat(half.tensor(info.name()).kind()).isEqualTo(matrix ? TensorKind.F16 : TensorKind.F32);
                assertThat(brain.tensor(info.name()).kind()).isEqualTo(matrix ? TensorKind.BF16 : TensorKind.F32);
                float[] numbers = GgufTest.read(original, info.name());
                float[] halves = GgufTest.read(half, info.name());
                float[] brains = GgufTest.read(brain, info.name());
                for (int i = 0; i < numbers.length; i++) {
                    double magnitude = matrix ? Math.abs(numbers[i]) : 0;
                    assertThat(halves[i]).isCloseTo(numbers[i], within((float) (magnitude / 2048 + 0x1p-25)));
                    assertThat(brains[i]).isCloseTo(numbers[i], within((float) (magnitude / 256)));
                }
            }
        }
    }

    @Test
    void eightBitsAreWithinHalfAStepAndRowsThatDoNotFillBlocksAreSixteenBits() throws IOException {
        Path source = directory.resolve("small");
        Files.createDirectories(source);
        Files.writeString(
                source.resolve("config.json"),
                "{\"model_type\": \"llama\", \"hidden_size\": 64, \"intermediate_size\": 80, \"num_hidden_layers\": 1,"
                        + " \"num_attention_heads\": 2, \"rms_norm_eps\": 1e-5, \"max_position_embeddings\": 64}");
        float[] numbers = new float[64 * 80];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) Math.sin(i);
        }
        SafetensorsWriter.write(
                source.resolve("model.safetensors"),
                Map.of(),
                List.of(
                        OutgoingTensor.float32("model.embed_tokens.weight", List.of(80L, 64L), numbers),
                        OutgoingTensor.float32("model.layers.0.mlp.down_proj.weight", List.of(64L, 80L), numbers)));
        try (Checkpoint written = translated(source, TensorKind.Q8_0)) {
            assertThat(written.tensor("model.embed_tokens.weight").kind()).isEqualTo(TensorKind.Q8_0);
            assertThat(written.tensor("model.layers.0.mlp.down_proj.weight").kind())
                    .isEqualTo(TensorKind.F16);
            float[] stored = GgufTest.read(written, "model.embed_tokens.weight");
            for (int i = 0; i < numbers.length; i++) {
                assertThat(stored[i]).isCloseTo(numbers[i], within(0.5f / 127 + 0x1p-11f));
            }
            assertThat(written.metadata().get("general.file_type").asInt()).isEqualTo(7);
        }
    }

    @Test
    void editedTensorsAreWrittenInTheFilesStoredForm() {
        Path source = SafetensorsTest.conformanceModel("llama");
        String query = "model.layers.1.self_attn.q_proj.weight";
        float[] edited = GgufTest.counting(48 * 48);
        Path file = directory.resolve("edited.gguf");
        try (Checkpoint original = Checkpoint.open(source)) {
            GgufTranslation.of(original).write(Map.of(query, edited), TensorKind.F32, Map.of(), file);
        }
        try (Checkpoint written = Checkpoint.open(file)) {
            assertThat(GgufTest.read(written, query)).isEqualTo(edited);
            FloatBuffer stored = written.stored(query).asFloatBuffer();
            assertThat(stored.get(48))
                    .as("the second stored row is row d_head/2")
                    .isEqualTo(4 * 48f);
        }
    }

    @Test
    void theKeysThatRuntimesAskForAreThere() {
        try (Checkpoint written = translated(SafetensorsTest.conformanceModel("llama31_rope"), TensorKind.F32)) {
            Map<String, JsonNode> metadata = written.metadata();
            assertThat(metadata)
                    .containsKeys(
                            "general.name",
                            "general.quantization_version",
                            "llama.rope.dimension_count",
                            "llama.attention.value_length");
            assertThat(metadata.get("general.architecture").asText()).isEqualTo("llama");
            assertThat(metadata.get("general.type").asText()).isEqualTo("model");
            assertThat(metadata.get("general.file_type").asInt()).isZero();
            assertThat(metadata.get("llama.vocab_size").asInt()).isEqualTo(97);
        }
    }

    @Test
    void aTiedUnembeddingAndOldBuffersAreLeftOut() throws IOException {
        Path source = changed(
                "llama", config -> {}, copyOfTheEmbedding(), zeros("model.layers.2.self_attn.rotary_emb.inv_freq", 4));
        try (Checkpoint written = translated(source, TensorKind.F32)) {
            assertThat(written.contains("lm_head.weight")).isFalse();
            assertThat(written.config().path("tie_word_embeddings").asBoolean()).isTrue();
        }
    }

    @Test
    void anotherUnembeddingBehindTheTiedFlagIsKept() throws IOException {
        Path source = changed("llama", config -> {}, zeros("lm_head.weight", 97, 48));
        try (Checkpoint written = translated(source, TensorKind.F32)) {
            assertThat(written.contains("lm_head.weight")).isTrue();
            assertThat(written.config().path("tie_word_embeddings").asBoolean()).isFalse();
        }
    }

    private static OutgoingTensor copyOfTheEmbedding() {
        try (Checkpoint base = Checkpoint.open(SafetensorsTest.conformanceModel("llama"))) {
            TensorInfo embedding = base.tensor("model.embed_tokens.weight");
            FloatBuffer numbers = FloatBuffer.allocate((int) embedding.elements());
            base.readFloat32(embedding.name(), numbers);
            return OutgoingTensor.float32("lm_head.weight", embedding.shape(), numbers.array());
        }
    }

    @Test
    void linearScalingIsWrittenAsKeys() throws IOException {
        Path source = changed(
                "qwen2",
                config -> config.putObject("rope_parameters")
                        .put("rope_type", "linear")
                        .put("factor", 4.0)
                        .put("rope_theta", 1e6));
        try (Checkpoint written = translated(source, TensorKind.F32)) {
            assertThat(written.config().path("rope_scaling").toString())
                    .isEqualTo("{\"rope_type\":\"linear\",\"factor\":4.0}");
            assertThat(written.config().path("rope_theta").asDouble()).isEqualTo(1e6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gemma2", "olmo2", "phi3", "gpt_neox"})
    void aFamilyThatIsNotWrittenIsRefusedByName(String model) {
        try (Checkpoint base = Checkpoint.open(SafetensorsTest.conformanceModel(model))) {
            assertThatThrownBy(() -> GgufTranslation.of(base))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("llama, mistral, qwen2, qwen3", "\"" + model + "\"");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "qwen2, model.layers.0.self_attn.o_proj.bias, 48",
        "qwen3, model.layers.0.self_attn.q_proj.bias, 72",
        "llama, model.layers.0.self_attn.q_norm.weight, 8",
        "llama, model.layers.0.mlp.experts.weight, 8"
    })
    void aTensorThatRuntimesHaveNoPlaceForIsRefusedByName(String model, String tensor, long size) throws IOException {
        try (Checkpoint base = Checkpoint.open(changed(model, config -> {}, zeros(tensor, size)))) {
            assertThatThrownBy(() -> GgufTranslation.of(base))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("tensor without a place in GGUF", tensor);
        }
    }

    @Test
    void biasesThatRuntimesReadAreCarriedOver() throws IOException {
        Path source = changed("llama", config -> {}, zeros("model.layers.0.mlp.up_proj.bias", 80));
        try (Checkpoint written = translated(source, TensorKind.F16)) {
            assertThat(written.tensor("model.layers.0.mlp.up_proj.bias").kind()).isEqualTo(TensorKind.F32);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "llama, yarn, 1, found yarn",
        "qwen2, llama3, 1, without a GGUF form in qwen2",
        "llama, llama3, 2, unusual bounds"
    })
    void aScalingThatFilesDoNotHoldIsRefusedByName(String model, String type, double low, String message)
            throws IOException {
        Path source = changed(
                model,
                config -> config.putObject("rope_parameters")
                        .put("rope_type", type)
                        .put("factor", 8.0)
                        .put("low_freq_factor", low)
                        .put("high_freq_factor", 4.0)
                        .put("original_max_position_embeddings", 64));
        try (Checkpoint base = Checkpoint.open(source)) {
            assertThatThrownBy(() -> GgufTranslation.of(base))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining(message);
        }
    }
}

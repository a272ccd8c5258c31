package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A checkpoint converted to GGUF, as converters do it, reads back as the checkpoint it was: the same names, shapes and numbers, and a
 * configuration that agrees with config.json in every switch the two share.
 */
class GgufEquivalenceTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama_mha_untied", "llama31_rope", "qwen2", "qwen3"})
    void aConvertedCheckpointReadsBackAsItWas(String model) {
        try (Checkpoint original = Checkpoint.open(SafetensorsTest.conformanceModel(model));
                Checkpoint gguf =
                        Checkpoint.open(GgufConversion.convert(original).write(directory.resolve("m.gguf")))) {
            assertThat(gguf.tensors().keySet())
                    .containsExactlyElementsOf(original.tensors().keySet());
            for (String name : original.tensors().keySet()) {
                assertThat(gguf.tensor(name).shape())
                        .isEqualTo(original.tensor(name).shape());
                assertThat(GgufTest.read(gguf, name)).as(name).isEqualTo(GgufTest.read(original, name));
            }
            for (Map.Entry<String, JsonNode> entry : gguf.config().properties()) {
                JsonNode expected = original.config().path(entry.getKey());
                if (!expected.isMissingNode()) {
                    assertThat(entry.getValue().asText()).as(entry.getKey()).isEqualTo(expected.asText());
                }
            }
            assertThat(gguf.config().path("architectures"))
                    .isEqualTo(original.config().path("architectures"));
            JsonNode rope = original.config().path("rope_parameters");
            assertThat(gguf.config().path("rope_theta").asDouble())
                    .isEqualTo(rope.path("rope_theta").asDouble());
            JsonNode scaling = gguf.config().path("rope_scaling");
            assertThat(scaling.path("rope_type").asText("default"))
                    .isEqualTo(rope.path("rope_type").asText());
            assertThat(scaling.path("factor")).isEqualTo(rope.path("factor"));
        }
    }

    /** The builder is no test of itself: its permutation, on four rows, by hand. */
    @Test
    void theConvertersPermutationPutsPairsNextToEachOther() {
        assertThat(GgufConversion.interleaved(new float[] {0, 1, 2, 3}, 1, 4)).containsExactly(0, 2, 1, 3);
    }
}

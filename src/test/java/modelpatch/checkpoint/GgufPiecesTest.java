package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * GGUF files of families that lay tensors out otherwise: experts and norms of heads in one tensor, queries, keys and values by role, matrices turned.
 * {@link modelpatch.model.GgufFamiliesTest} says that the numbers are right.
 */
class GgufPiecesTest {
    private static final Path FAMILIES = Path.of("src", "test", "resources", "gguf", "families");

    @TempDir
    Path directory;

    static Stream<String> models() throws IOException {
        try (Stream<Path> files = Files.list(FAMILIES)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".gguf"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void theTensorsAreThoseOfTheCheckpointThatWasConverted(String file) {
        String name = file.substring(0, file.length() - ".gguf".length());
        Path first = Path.of("src", "test", "resources", "conformance", name);
        Path source = Files.exists(first) ? first : first.resolveSibling(Path.of("..", "conformance2", name));
        try (Checkpoint gguf = Checkpoint.open(FAMILIES.resolve(file));
                Checkpoint original = Checkpoint.open(source.normalize())) {
            assertThat(gguf.tensors().keySet()).isEqualTo(original.tensors().keySet());
            for (TensorInfo info : original.tensors().values()) {
                assertThat(gguf.tensor(info.name()).shape()).as(info.name()).isEqualTo(info.shape());
                float[] numbers = gguf.floats(info.name());
                float[] expected = original.floats(info.name());
                for (int i = 0; i < numbers.length; i++) { // 1 + w is rounded
                    assertThat(Math.abs(numbers[i] - expected[i]))
                            .as(info.name())
                            .isLessThanOrEqualTo(1.2e-7f);
                }
            }
            assertThat(gguf.nonFinite()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void partsAreTheWhole(String file) {
        try (Checkpoint gguf = Checkpoint.open(FAMILIES.resolve(file))) {
            for (TensorInfo info : gguf.tensors().values()) {
                float[] whole = gguf.floats(info.name());
                FloatBuffer middle = FloatBuffer.allocate(Math.max(1, whole.length / 3));
                int first = whole.length / 4;
                gguf.readFloat32(info.name(), first, middle);
                assertThat(middle.hasRemaining()).isFalse();
                assertThat(middle.array()).isEqualTo(Arrays.copyOfRange(whole, first, first + middle.capacity()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void editedNumbersAreWrittenWhereTheyAreReadAgain(String file) {
        Path out = directory.resolve(file);
        Map<String, float[]> changed = new HashMap<>();
        try (Checkpoint gguf = Checkpoint.open(FAMILIES.resolve(file))) {
            int number = 0;
            for (String name : gguf.tensors().keySet()) {
                float[] values = gguf.floats(name);
                if (number++ % 2 == 0) { // others of the same stored tensor stay
                    values[values.length / 2] += 1;
                    changed.put(name, values);
                }
            }
            GgufWriter.write(gguf, changed, TensorKind.F32, false, Map.of(), out);
            try (Checkpoint written = Checkpoint.open(out)) {
                assertThat(written.config()).isEqualTo(gguf.config());
                for (String name : gguf.tensors().keySet()) {
                    float[] expected = changed.getOrDefault(name, gguf.floats(name));
                    float[] found = written.floats(name);
                    for (int i = 0; i < found.length; i++) {
                        assertThat(Math.abs(found[i] - expected[i]))
                                .as(name)
                                .isLessThanOrEqualTo(2.5e-7f); // 1 + w again
                    }
                }
            }
        }
    }

    private Checkpoint open(String architecture, Object... keysAndValues) {
        GgufBuilder builder =
                GgufTest.metadata(3, architecture).put(architecture + ".attention.layer_norm_epsilon", 1e-5f);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            builder.put(architecture + "." + keysAndValues[i], keysAndValues[i + 1]);
        }
        builder.float32("token_embd.weight", List.of(3L, 64L), GgufTest.counting(192));
        builder.float32("blk.0.ffn_down_exps.weight", List.of(2L, 4L, 8L), GgufTest.counting(64));
        return Checkpoint.open(builder.write(directory.resolve("m.gguf")));
    }

    @Test
    void aStackOfAnotherNumberOfExpertsIsRefused() {
        assertThatThrownBy(() -> open("llama", "expert_count", 4, "expert_used_count", 2))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("wrong shape", "experts.%e.w2", "4 of one shape", "[2, 4, 8]");
    }

    @Test
    void expertsOfAModelWithoutAnyAreNoTensorsOfIt() {
        assertThatThrownBy(() -> open("llama"))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("unknown tensor", "blk.0.ffn_down_exps.weight");
    }

    /** Falcon 2 has a norm for both and several key-value heads; its files do not say its rotary base, which is not the usual one. */
    @Test
    void aFalconThatItsFilesDoNotDescribeIsRefused() {
        GgufBuilder builder = new GgufBuilder(3)
                .put("general.architecture", "falcon")
                .put("falcon.embedding_length", 64)
                .put("falcon.attention.head_count", 4)
                .put("falcon.attention.head_count_kv", 2)
                .float32("blk.0.attn_norm.weight", List.of(64L), new float[64]);
        assertThatThrownBy(() -> Checkpoint.open(builder.write(directory.resolve("falcon.gguf"))))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("falcon.attention.head_count_kv", "found 2");
    }
}

package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import modelpatch.BadInput;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models in several GGUF files, split by the test. */
class GgufPartTest {
    private static final String FIRST = "m-00001-of-00003.gguf";
    private static final String SECOND = "m-00002-of-00003.gguf";
    private static final String THIRD = "m-00003-of-00003.gguf";

    @TempDir
    Path directory;

    private static GgufBuilder llama() {
        try (Checkpoint original = Checkpoint.open(SafetensorsTest.conformanceModel("llama"))) {
            return GgufConversion.convert(original);
        }
    }

    private AbstractThrowableAssert<?, ? extends Throwable> opening(String name) {
        return assertThatThrownBy(() -> Checkpoint.open(directory.resolve(name)))
                .isInstanceOf(BadInput.class);
    }

    @Test
    void anyPartAndTheirDirectoryAreTheWholeModel() {
        Path whole = llama().write(directory.resolve("whole.gguf"));
        Path apart = directory.resolve("parts");
        assertThat(apart.toFile().mkdir()).isTrue();
        List<Path> parts = llama().writeParts(apart, "m", 3);
        try (Checkpoint expected = Checkpoint.open(whole)) {
            for (Path path : List.of(parts.get(0), parts.get(1), parts.get(2), apart)) {
                try (Checkpoint found = Checkpoint.open(path)) {
                    assertThat(found.config()).isEqualTo(expected.config());
                    assertThat(found.metadata()).containsAllEntriesOf(expected.metadata());
                    assertThat(found.digest())
                            .as("names, kinds, shapes and bytes")
                            .isEqualTo(expected.digest());
                    assertThat(found.tensors().values().stream()
                                    .map(TensorInfo::file)
                                    .distinct())
                            .hasSize(3);
                    for (String tensor : expected.tensors().keySet()) {
                        assertThat(GgufTest.read(found, tensor)).isEqualTo(GgufTest.read(expected, tensor));
                    }
                }
            }
        }
    }

    @Test
    void aFirstPartWithoutTensorsIsOne() {
        GgufBuilder one = GgufTest.metadata(3, "llama").float32("token_embd.weight", List.of(3L, 64L), new float[192]);
        List<Path> parts = one.writeParts(directory, "m", 3);

        try (Checkpoint checkpoint = Checkpoint.open(parts.get(0))) {
            assertThat(checkpoint.tensors()).containsOnlyKeys("model.embed_tokens.weight");
        }
    }

    @Test
    void missingPartsAreNamed() throws IOException {
        llama().writeParts(directory, "m", 3);
        Files.delete(directory.resolve(SECOND));

        for (String given : List.of(FIRST, THIRD, "")) {
            opening(given).hasMessageContainingAll("missing parts", "3 parts", "none of " + SECOND, "download");
        }
        Files.delete(directory.resolve(FIRST));
        opening("").hasMessageContaining("none of " + FIRST + ", " + SECOND);
    }

    @Test
    void aPartUnderAnotherNameIsRefusedWithItsOwn() throws IOException {
        llama().writeParts(directory, "m", 3);
        Files.move(directory.resolve(SECOND), directory.resolve("second.gguf"));

        opening("second.gguf").hasMessageContainingAll("-00002-of-00003.gguf", "llama-gguf-split --merge");
    }

    @Test
    void partsThatDoNotBelongTogetherAreRefused() throws IOException {
        llama().writeParts(directory, "m", 3);
        Files.copy(directory.resolve(SECOND), directory.resolve(THIRD), StandardCopyOption.REPLACE_EXISTING);
        opening(FIRST).hasMessageContainingAll(THIRD, "split.no 2 of split.count 3", "1 of 3");

        GgufBuilder other = GgufTest.metadata(3, "llama").float32("output_norm.weight", List.of(64L), new float[64]);
        llama().writeParts(directory, "m", 3);
        Files.move(
                other.writeParts(directory, "other", 3).get(2),
                directory.resolve(THIRD),
                StandardCopyOption.REPLACE_EXISTING);
        opening(FIRST).hasMessageContainingAll("do not belong together", "tensors in all parts");
    }

    @Test
    void aTensorInTwoPartsIsRefused() {
        GgufBuilder twice = GgufTest.metadata(3, "llama")
                .float32("token_embd.weight", List.of(3L, 64L), new float[192])
                .float32("token_embd.weight", List.of(3L, 64L), new float[192]);
        twice.writeParts(directory, "m", 2);

        opening("m-00001-of-00002.gguf").hasMessageContainingAll("stored twice", "model.embed_tokens.weight");
    }

    @Test
    void filesOfSeveralModelsAreNotParts() {
        llama().writeParts(directory, "m", 3);
        llama().writeParts(directory, "n", 3);

        opening("").hasMessageContainingAll("6 .gguf files", "give the path of the one you mean");
    }
}

package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import modelpatch.NeedsShared;
import modelpatch.SharedModel;
import modelpatch.checkpoint.Checkpoint;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One tiny llama in every kind that quantises, and in llama.cpp's mixtures of kinds, against the eager float32 logits of its dequantised weights. */
@NeedsShared
class QuantisedModelTest {
    private static final int[] IDS = {3, 17, 42, 5, 90, 11, 64, 8};

    /** Section 9 of the design. */
    private static final Offset<Float> TOLERANCE = within(1e-4f);

    static Stream<Path> models() {
        return Stream.of("kinds", "presets").flatMap(folder -> {
            try (Stream<Path> files = Files.list(SharedModel.gguf().resolve(folder))) {
                return files.filter(file -> file.toString().endsWith(".gguf")).sorted().toList().stream();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsAreThoseOfTheDequantisedWeights(Path file) {
        Path golden = Path.of(file.toString().replaceFirst("gguf$", "golden.safetensors"));
        float[] expected = new float[IDS.length * 96];
        try (Checkpoint numbers = Checkpoint.open(golden)) {
            numbers.readFloat32("logits", FloatBuffer.wrap(expected));
        }
        try (LanguageModel model = LanguageModel.open(file, LoadOptions.defaults())) {
            float[][] logits = model.allLogits(new int[0], IDS);
            for (int position = 0; position < IDS.length; position++) {
                for (int id = 0; id < 96; id++) {
                    assertThat(logits[position][id])
                            .as("position %d, id %d", position, id)
                            .isCloseTo(expected[position * 96 + id], TOLERANCE);
                }
            }
        }
    }
}

package modelpatch.model;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fourteen architectures with random weights against the numbers of their golden.json (float32 eager runs of the Hugging Face
 * implementations; see src/test/resources/conformance).
 */
class ConformanceTest {
    @ParameterizedTest
    @MethodSource("modelpatch.model.ConformanceFamilies#names")
    void everyNumberOfTheReferenceIsReproduced(String name) throws IOException {
        Path directory = ConformanceFamilies.path(name);
        try (LanguageModel model = LanguageModel.open(directory, LoadOptions.defaults())) {
            ReferenceNumbers.of(directory).areReproducedBy(model);
        }
    }
}

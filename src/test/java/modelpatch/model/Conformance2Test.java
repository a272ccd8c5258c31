package modelpatch.model;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Further architectures against the numbers of their golden.json, by their configuration in either spelling (src/test/resources/conformance2). */
class Conformance2Test {
    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("modelpatch.model.Conformance2#configurations")
    void everyNumberOfTheReferenceIsReproduced(String name, String config) throws IOException {
        Path folder = Conformance2.with(name, config, directory.resolve(name));
        try (LanguageModel model = LanguageModel.open(folder, LoadOptions.defaults())) {
            ReferenceNumbers.of(Conformance2.path(name)).areReproducedBy(model);
        }
    }
}

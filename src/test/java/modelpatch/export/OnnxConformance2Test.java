package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import modelpatch.export.OnnxExport.Options;
import modelpatch.model.Conformance2;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Further architectures as ONNX graphs: the patched model in ONNX Runtime against the engine, in every way of running it. */
class OnnxConformance2Test {
    /** Two float32 programs on small random models differ by rounding alone. */
    private static final Options STRICT = Options.defaults().withLimit(1e-5);

    @TempDir
    Path directory;

    static Stream<Arguments> graphs() {
        return Conformance2.names().stream()
                .flatMap(name -> Stream.of(Operators.values()).map(operators -> Arguments.of(name, operators)));
    }

    private static Parity export(Patched patched, Path target, Options options) {
        ParityCheck check = new ParityCheck(patched.model(), patched.prompts());
        return OnnxExport.write(patched.checkpoint(), patched.stack(), check, target, options);
    }

    @ParameterizedTest
    @MethodSource("graphs")
    void everyFamilyRunsInOnnxRuntimeAsInTheEngine(String name, Operators operators) {
        try (Patched patched = Patched.open(Conformance2.path(name))) {
            Parity parity = export(patched, directory.resolve(name), STRICT.withOperators(operators));
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(parity.ways())
                    .hasSize(4)
                    .allSatisfy(way -> assertThat(way.sameTop()).isEqualTo(way.positions()));
        }
    }
}

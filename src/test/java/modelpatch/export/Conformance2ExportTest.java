package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import modelpatch.export.OnnxExport.Options;
import modelpatch.model.Conformance2;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Further architectures on their way out: ONNX graphs against the engine in every way of running them, and adapters there and back. */
class Conformance2ExportTest {
    /** Two float32 programs on small random models differ by rounding alone. */
    private static final Options STRICT = Options.defaults().withLimit(1e-5);

    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    Path directory;

    private static Parity export(Patched patched, Path target, Options options) {
        ParityCheck check = new ParityCheck(patched.model(), patched.prompts());
        return OnnxExport.write(patched.checkpoint(), patched.stack(), check, target, options);
    }

    /** What the engine says is computed once, for both sets of operators. */
    @ParameterizedTest
    @MethodSource("modelpatch.model.Conformance2#names")
    void everyFamilyRunsInOnnxRuntimeAsInTheEngine(String name) {
        try (Patched patched = Patched.open(Conformance2.path(name))) {
            ParityCheck check = new ParityCheck(patched.model(), patched.prompts());
            for (Operators operators : Operators.values()) {
                Parity parity = OnnxExport.write(
                        patched.checkpoint(),
                        patched.stack(),
                        check,
                        directory.resolve(operators.name()),
                        STRICT.withOperators(operators));
                assertThat(parity.holds()).as("%s: %s", operators, parity).isTrue();
                assertThat(parity.ways())
                        .as("%s", operators)
                        .hasSize(4)
                        .allSatisfy(way -> assertThat(way.sameTop()).isEqualTo(way.positions()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modelpatch.model.Conformance2#names")
    void anAdapterOfAttentionReadBackIsThePatchItCameFrom(String name) {
        Path target = directory.resolve("adapter");
        try (Patched patched = Patched.attention(Conformance2.path(name), 1)) {
            LoraAdapter.write(patched.checkpoint(), patched.stack(), target);
            WeightPatch again = LoraReader.read(target, patched.checkpoint(), "Ada", "back", TIME);
            assertThat(again.deltas())
                    .containsExactlyInAnyOrderElementsOf(
                            patched.stack().patches().get(0).deltas());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "granitemoe", "gpt_oss"})
    void expertsInEightBitsBehaveAsTheFloatOnes(String name) {
        try (Patched patched = Patched.open(Conformance2.path(name))) {
            Parity parity = export(patched, directory.resolve(name), STRICT.withForm(WeightForm.INT8));
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(parity.klMean()).isBetween(1e-9, 1e-3);
        }
    }
}

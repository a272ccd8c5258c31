package modelpatch.export.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.export.MergedOnnx;
import modelpatch.export.OnnxExport.Options;
import modelpatch.export.OnnxModel;
import modelpatch.export.Parity;
import modelpatch.export.ParityCheck;
import modelpatch.export.Patched;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written for a patched weight where a file holds it quantised, in every form. */
class RequantisingTest {
    @TempDir
    Path directory;

    private WeightToQuantise weight;

    @BeforeEach
    void open() throws IOException {
        weight = new WeightToQuantise(directory);
    }

    @AfterEach
    void close() {
        weight.close();
    }

    private static float[][] as(QuantisedForm form, float[][] weight) {
        return form.isTransposed() ? SlowQuantisation.transposed(weight) : weight;
    }

    @ParameterizedTest
    @EnumSource(QuantisedForm.class)
    void thePatchedWeightIsQuantisedByTheStatedRuleAndNothingElseChanges(QuantisedForm form) throws IOException {
        PatchStack stack = weight.sparse();
        SlowQuantisation made = form.quantise(weight.before());
        Rewritten rewritten =
                weight.requantised(stack, weight.write(weight.in(form, made))).get(0);
        float[][] before = as(form, weight.before());
        float[][] after = as(form, weight.after(stack));
        SlowQuantisation expected = made.requantised(before, after, form.movesZeros());
        // the same integers, scales, zero points and filling in the same places, and the same of everything else
        assertThat(weight.written()).isEqualTo(weight.in(form, expected));
        Requantised edit = rewritten.requantised().orElseThrow();
        assertThat(edit.rescaled()).isPositive().isEqualTo((int) expected.rescaled(made));
        assertThat(edit.tiles()).isEqualTo(made.scale().length);
        assertThat(edit.cutOff()).isZero();
        assertThat(edit.relativeError()).isCloseTo(error(made, expected, before, after), within(1e-12));
        assertThat(rewritten.constant()).isEqualTo("301");
        assertThat(rewritten.how()).startsWith(form.isTransposed() ? "transposed, int" : "as it is, int");
    }

    private static double error(SlowQuantisation made, SlowQuantisation again, float[][] before, float[][] after) {
        float[][] first = made.values();
        float[][] second = again.values();
        double lost = 0;
        double asked = 0;
        for (int row = 0; row < before.length; row++) {
            for (int column = 0; column < before[0].length; column++) {
                double edit = (double) after[row][column] - before[row][column];
                double kept = (double) second[row][column] - first[row][column];
                lost += (kept - edit) * (kept - edit);
                asked += edit * edit;
            }
        }
        return Math.sqrt(lost / asked);
    }

    @ParameterizedTest
    @EnumSource(
            value = QuantisedForm.class,
            names = {"DEQUANTISED_TENSOR", "BLOCKS_OF_4_BITS", "DYNAMIC"})
    void numbersThatAreNotEditedKeepTheirBytesWhereTheOthersFit(QuantisedForm form) throws IOException {
        SlowQuantisation made = form.quantise(weight.before());
        PatchStack stack = weight.ofRow(3, 0.05f);
        Requantised edit = weight.edit(stack, weight.in(form, made));
        assertThat(edit.rescaled()).isZero();
        assertThat(edit.changed()).isBetween(1L, 3L);
        SlowQuantisation expected =
                made.requantised(as(form, weight.before()), as(form, weight.after(stack)), form.movesZeros());
        assertThat(expected.scale()).isEqualTo(made.scale());
        assertThat(weight.written()).isEqualTo(weight.in(form, expected));
    }

    @Test
    void anEditOfLessThanHalfAStepIsLostAndTheReportSaysSo() throws IOException {
        QuantisedForm form = QuantisedForm.DEQUANTISED_TENSOR;
        float[][] onTheCodes = form.quantise(weight.before()).values();
        Path model = weight.write(weight.in(form, form.quantise(onTheCodes)));
        Rewritten rewritten = weight.requantised(weight.ofRow(3, 1e-6f), model).get(0);
        assertThat(rewritten.bytes()).isZero();
        assertThat(rewritten.requantised().orElseThrow().changed()).isZero();
        assertThat(rewritten.requantised().orElseThrow().relativeError()).isEqualTo(1);
        assertThat(Files.readAllBytes(weight.out().resolve("foreign.onnx"))).startsWith(Files.readAllBytes(model));
    }

    static Stream<QuantisedForm> running() {
        return Stream.of(QuantisedForm.values()).filter(QuantisedForm::runs);
    }

    @ParameterizedTest
    @MethodSource("running")
    void theWrittenFileRunsAndComesNearerToThePatchedEngineThanTheGivenOne(QuantisedForm form) throws IOException {
        Path file = weight.write(weight.in(form, form.quantise(weight.before())));
        Files.copy(Patched.conformance("llama").resolve("config.json"), directory.resolve("config.json"));
        Patched model = weight.model();
        PatchStack stack = weight.sparse();
        ParityCheck unpatched = new ParityCheck(model.base(), model.prompts());
        try (LanguageModel engine = model.base().with(stack.weights(model.checkpoint()))) {
            ParityCheck check = new ParityCheck(engine, model.prompts());
            MergedOnnx.Outcome outcome = MergedOnnx.of(model.checkpoint(), stack, file)
                    .requantising(Optional.of(unpatched))
                    .write(weight.out(), Optional.of(check), Options.defaults());
            Parity parity = outcome.parity().orElseThrow();
            double own = outcome.given().orElseThrow().klMean();
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(parity.measure()).isEqualTo(Parity.Measure.KL_MEAN);
            assertThat(parity.limit()).isEqualTo(0.01 + own);
            try (OnnxModel given = OnnxModel.open(file, 1)) {
                double farther = check.of(given, Parity.Measure.KL_MEAN, 1).klMean();
                assertThat(parity.klMean()).isLessThan(farther / 2);
            }
            assertThat(weight.out().resolve("parity.json")).content().contains("given_kl_mean");
        }
    }
}

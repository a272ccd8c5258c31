package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.export.OnnxExport.Options;
import modelpatch.export.OnnxPatcher.Rewritten;
import modelpatch.patch.Columns;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchStack;
import modelpatch.patch.SmallModel;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX files in which the edited weight is quantised as other tools do it. */
class RequantisingTest {
    @TempDir
    Path directory;

    private Patched patched;
    private ModelProto plain;
    private String tensor;
    private int rows;
    private int columns;

    @BeforeEach
    void open() throws IOException {
        patched = Patched.open(Patched.conformance("llama"));
        tensor = patched.base().mlpOutName(patched.base().config().nLayers() - 1);
        rows = patched.checkpoint().tensor(tensor).shape().get(0).intValue();
        columns = patched.checkpoint().tensor(tensor).shape().get(1).intValue();
        Path exported = directory.resolve("plain");
        OnnxExport.writeUnproved(patched.checkpoint(), PatchStack.empty(), exported, Options.defaults());
        plain = ModelProto.parseFrom(Files.readAllBytes(exported.resolve("model.onnx")));
    }

    @AfterEach
    void close() {
        patched.close();
    }

    /** A change of three rows and five columns: one row by a little, one so far that no scale holds it, one by next to nothing. */
    private PatchStack sparse() {
        float[] left = new float[rows];
        left[3] = 0.02f;
        left[17] = 2;
        left[18] = 1e-7f;
        return stack(Columns.of(columns, 0, 20, 33, 34, 47), left, new float[] {1, -1.5f, 0.3f, 0.5f, -0.7f});
    }

    private PatchStack stack(Columns where, float[] left, float[] right) {
        TensorDelta delta = new TensorDelta(tensor, rows, where, 1, Orientation.OUT_IN, left, right);
        return PatchStack.of(List.of(WeightPatch.of(
                patched.checkpoint(), PatchStack.empty(), List.of(delta), SmallModel.provenance("export"))));
    }

    private float[][] matrix(float[] values) {
        float[][] matrix = new float[rows][columns];
        for (int i = 0; i < values.length; i++) {
            matrix[i / columns][i % columns] = values[i];
        }
        return matrix;
    }

    private float[][] before() {
        return matrix(patched.base().weight(tensor));
    }

    private float[][] after(PatchStack stack) {
        return matrix(stack.weights(patched.checkpoint()).get(tensor));
    }

    private Path write(ModelProto model) throws IOException {
        return Files.write(directory.resolve("foreign.onnx"), model.toByteArray());
    }

    private Rewritten requantised(PatchStack stack, Path model) {
        return OnnxPatcher.of(patched.checkpoint(), stack, model)
                .requantising(Optional.empty())
                .write(directory.resolve("out"), Optional.empty(), Options.defaults())
                .rewritten()
                .get(0);
    }

    private ModelProto written() throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(directory.resolve("out/foreign.onnx")));
    }

    @ParameterizedTest
    @EnumSource(QuantisedForm.class)
    void thePatchedWeightIsQuantisedByTheStatedRuleAndNothingElseChanges(QuantisedForm form) throws IOException {
        PatchStack stack = sparse();
        SlowQuantisation made = form.quantise(before());
        Rewritten rewritten = requantised(stack, write(form.put(plain, tensor, made)));
        float[][] before = form.isTransposed() ? QuantisedForm.transposed(before()) : before();
        float[][] after = form.isTransposed() ? QuantisedForm.transposed(after(stack)) : after(stack);
        SlowQuantisation expected = made.requantised(before, after, form.movesZeros());
        // the same integers, scales, zero points and filling in the same places, and the same of everything else
        assertThat(written()).isEqualTo(form.put(plain, tensor, expected));
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
        SlowQuantisation made = form.quantise(before());
        float[] left = new float[rows];
        left[3] = 0.05f;
        PatchStack stack = stack(Columns.of(columns, 0, 20, 33), left, new float[] {1, -1, 1});
        Requantised edit = requantised(stack, write(form.put(plain, tensor, made)))
                .requantised()
                .orElseThrow();
        assertThat(edit.rescaled()).isZero();
        assertThat(edit.changed()).isBetween(1L, 3L);
        float[][] after = form.isTransposed() ? QuantisedForm.transposed(after(stack)) : after(stack);
        float[][] before = form.isTransposed() ? QuantisedForm.transposed(before()) : before();
        SlowQuantisation expected = made.requantised(before, after, form.movesZeros());
        assertThat(expected.scale()).isEqualTo(made.scale());
        assertThat(written()).isEqualTo(form.put(plain, tensor, expected));
    }

    @Test
    void anEditOfLessThanHalfAStepIsLostAndTheReportSaysSo() throws IOException {
        QuantisedForm form = QuantisedForm.DEQUANTISED_TENSOR;
        float[][] onTheCodes = form.quantise(before()).values();
        Path model = write(form.put(plain, tensor, form.quantise(onTheCodes)));
        float[] left = new float[rows];
        left[3] = 1e-6f;
        Rewritten rewritten = requantised(stack(Columns.of(columns, 7), left, new float[] {1}), model);
        assertThat(rewritten.bytes()).isZero();
        assertThat(rewritten.requantised().orElseThrow().changed()).isZero();
        assertThat(rewritten.requantised().orElseThrow().relativeError()).isEqualTo(1);
        assertThat(directory.resolve("out/foreign.onnx")).hasSameBinaryContentAs(model);
    }

    @Test
    void withoutBeingAskedToItRefusesAndNamesTheConstantAndTheFlag() throws IOException {
        QuantisedForm form = QuantisedForm.DYNAMIC;
        Path model = write(form.put(plain, tensor, form.quantise(before())));
        OnnxPatcher patcher = OnnxPatcher.of(patched.checkpoint(), sparse(), model);
        assertThatThrownBy(() -> patcher.write(directory.resolve("out"), Optional.empty(), Options.defaults()))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("quantised")
                .hasMessageContaining("int8 with one scale, MatMulInteger, in constant 301")
                .hasMessageContaining("--requantise");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource(QuantisedForm.class)
    void aFileOfAnotherBaseIsRefused(QuantisedForm form) throws IOException {
        float[][] other = before();
        other[5][40] += 0.2f;
        Path model = write(form.put(plain, tensor, form.quantise(other)));
        assertThatThrownBy(() -> requantised(sparse(), model))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("edited weight is not in the ONNX model");
        assertThat(directory.resolve("out")).doesNotExist();
    }

    /** The second matrix of an MLP beside others, as fused projections lie. */
    private float[][] fused(float[][] middle) {
        float[][] fused = new float[3 * rows][columns];
        for (int row = 0; row < rows; row++) {
            fused[row] = middle[(row + 5) % rows].clone();
            fused[rows + row] = middle[row].clone();
            fused[2 * rows + row] = middle[(row + 9) % rows].clone();
        }
        return fused;
    }

    @Test
    void aWeightInAFusedMatrixIsRequantisedInItsOwnRows() throws IOException {
        QuantisedForm form = QuantisedForm.BLOCKS_OF_4_BITS_WITH_ZERO_POINTS;
        SlowQuantisation made = form.quantise(fused(before()));
        Rewritten rewritten = requantised(sparse(), write(form.put(plain, tensor, made)));
        assertThat(rewritten.how()).startsWith("as it is, part of a fused matrix");
        float[][] after = fused(before());
        System.arraycopy(after(sparse()), 0, after, rows, rows);
        assertThat(written()).isEqualTo(form.put(plain, tensor, made.requantised(fused(before()), after, true)));
    }

    @Test
    void aScaleThatOtherWeightsShareStaysAndWhatItCannotHoldIsCutOffAndCounted() throws IOException {
        QuantisedForm form = QuantisedForm.DEQUANTISED_TENSOR;
        SlowQuantisation made = form.quantise(fused(before()));
        Requantised edit = requantised(sparse(), write(form.put(plain, tensor, made)))
                .requantised()
                .orElseThrow();
        assertThat(edit.rescaled()).isZero();
        assertThat(edit.cutOff()).isBetween(1L, 5L);
        assertThat(edit.relativeError()).isBetween(0.1, 1.0);
        GraphProto before = form.put(plain, tensor, made).getGraph();
        List<TensorProto> changed = written().getGraph().getInitializerList().stream()
                .filter(found -> !before.getInitializerList().contains(found))
                .toList();
        assertThat(changed).extracting(TensorProto::getName).containsExactly("301");
        assertThat(changed.get(0).getRawData().toByteArray()).contains(127).contains(-127);
    }

    @Test
    void aScaleThatAnotherNodeReadsStaysToo() throws IOException {
        QuantisedForm form = QuantisedForm.DEQUANTISED_ROWS;
        ModelProto made = form.put(plain, tensor, form.quantise(before()));
        ModelProto shared = made.toBuilder()
                .setGraph(made.getGraph().toBuilder().addNode(QuantisedForm.another()))
                .build();
        Requantised edit = requantised(sparse(), write(shared)).requantised().orElseThrow();
        assertThat(edit.rescaled()).isZero();
        assertThat(edit.cutOff()).isPositive();
    }

    static Stream<QuantisedForm> running() {
        return Stream.of(QuantisedForm.values()).filter(QuantisedForm::runs);
    }

    @ParameterizedTest
    @MethodSource("running")
    void theWrittenFileRunsAndComesNearerToThePatchedEngineThanTheGivenOne(QuantisedForm form) throws IOException {
        Path model = write(form.put(plain, tensor, form.quantise(before())));
        Files.copy(Patched.conformance("llama").resolve("config.json"), directory.resolve("config.json"));
        PatchStack stack = sparse();
        ParityCheck unpatched = new ParityCheck(patched.base(), patched.prompts());
        try (var engine = patched.base().with(stack.weights(patched.checkpoint()))) {
            ParityCheck check = new ParityCheck(engine, patched.prompts());
            OnnxPatcher.Outcome outcome = OnnxPatcher.of(patched.checkpoint(), stack, model)
                    .requantising(Optional.of(unpatched))
                    .write(directory.resolve("out"), Optional.of(check), Options.defaults());
            Parity parity = outcome.parity().orElseThrow();
            double own = outcome.given().orElseThrow().klMean();
            assertThat(parity.holds()).as(parity.toString()).isTrue();
            assertThat(parity.measure()).isEqualTo(Parity.Measure.KL_MEAN);
            assertThat(parity.limit()).isEqualTo(0.01 + own);
            try (OnnxModel given = OnnxModel.open(model, 1)) {
                double farther = check.of(given, Parity.Measure.KL_MEAN, 1).klMean();
                assertThat(parity.klMean()).isLessThan(farther / 2);
            }
            assertThat(directory.resolve("out/parity.json")).content().contains("given_kl_mean");
        }
    }
}

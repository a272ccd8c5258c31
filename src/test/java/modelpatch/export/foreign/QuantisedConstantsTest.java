package modelpatch.export.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.export.MergedOnnx;
import modelpatch.export.OnnxExport.Options;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Quantised files that are refused, and those in which a weight shares its constants with something else. */
class QuantisedConstantsTest {
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

    @Test
    void withoutBeingAskedToItRefusesAndNamesTheConstantAndTheFlag() throws IOException {
        QuantisedForm form = QuantisedForm.DYNAMIC;
        Path model = weight.write(weight.in(form, form.quantise(weight.before())));
        MergedOnnx merged = MergedOnnx.of(weight.model().checkpoint(), weight.sparse(), model);
        assertThatThrownBy(() -> merged.write(weight.out(), Optional.empty(), Options.defaults()))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("quantised")
                .hasMessageContaining("int8 with one scale, MatMulInteger, in constant 301")
                .hasMessageContaining("--requantise");
        assertThat(weight.out()).doesNotExist();
    }

    @Test
    void aFileThatNoProtobufMessageCanBeIsRefusedByItsSize() throws IOException {
        Path model = directory.resolve("huge.onnx");
        try (RandomAccessFile hole = new RandomAccessFile(model.toFile(), "rw")) {
            hole.setLength(1L << 31);
        }
        assertThatThrownBy(() -> OnnxScan.of(model))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("no ONNX model", "less than 2 GB", "2147483648 bytes", "external data");
    }

    @Test
    void sizesThatNoMatrixHasAreNoMatrix() {
        for (long size : new long[] {-1, 0, 1L << 31}) {
            StoredTensor tensor = new StoredTensor("w", DataType.FLOAT, List.of(size, 4L), directory, 0, 16, false);
            assertThat(tensor.isMatrix()).as("%d", size).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(QuantisedForm.class)
    void aFileOfAnotherBaseIsRefused(QuantisedForm form) throws IOException {
        float[][] other = weight.before();
        other[5][40] += 0.2f;
        Path model = weight.write(weight.in(form, form.quantise(other)));
        assertThatThrownBy(() -> weight.requantised(weight.sparse(), model))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("edited weight is not in the ONNX model");
        assertThat(weight.out()).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"301", "302", "303"})
    void aConstantWithFewerBytesThanItsShapeSaysIsPassedOver(String constant) throws IOException {
        QuantisedForm form = QuantisedForm.DEQUANTISED_COLUMN_BLOCKS;
        ModelProto model = weight.in(form, form.quantise(weight.before()));
        GraphProto.Builder graph = model.getGraph().toBuilder();
        graph.getInitializerBuilderList().stream()
                .filter(tensor -> tensor.getName().equals(constant))
                .forEach(tensor -> tensor.setRawData(tensor.getRawData().substring(1)));
        Path file = weight.write(model.toBuilder().setGraph(graph).build());
        assertThatThrownBy(() -> weight.requantised(weight.sparse(), file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("edited weight is not in the ONNX model");
    }

    /** The weight between others of its shape, as fused projections lie. */
    private static float[][] fused(float[][] middle) {
        int rows = middle.length;
        float[][] fused = new float[3 * rows][];
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
        float[][] before = fused(weight.before());
        SlowQuantisation made = form.quantise(before);
        Rewritten rewritten = weight.requantised(weight.sparse(), weight.write(weight.in(form, made)))
                .get(0);
        assertThat(rewritten.how()).startsWith("as it is, part of a fused matrix");
        float[][] after = fused(weight.before());
        System.arraycopy(weight.after(weight.sparse()), 0, after, weight.rows(), weight.rows());
        assertThat(weight.written()).isEqualTo(weight.in(form, made.requantised(before, after, true)));
    }

    @Test
    void aWeightInTwoMatricesIsRequantisedInBoth() throws IOException {
        QuantisedForm form = QuantisedForm.DEQUANTISED_ROWS;
        int half = weight.rows() / 3;
        float[][] after = weight.after(weight.sparse());
        Path model = weight.write(parts(form, weight.before(), weight.before(), half));
        List<Rewritten> rewritten = weight.requantised(weight.sparse(), model);
        assertThat(rewritten).extracting(Rewritten::constant).containsExactly("301", "301.rest");
        assertThat(weight.written()).isEqualTo(parts(form, weight.before(), after, half));
    }

    /** The first rows and the others in constants of their own, requantised from the one weight to the other. */
    private ModelProto parts(QuantisedForm form, float[][] before, float[][] after, int half) {
        ModelProto first = weight.in(form, requantised(form, before, after, 0, half));
        ModelProto second = weight.in(form, requantised(form, before, after, half, before.length));
        GraphProto.Builder graph = first.getGraph().toBuilder();
        for (TensorProto tensor : second.getGraph().getInitializerList()) {
            if (tensor.getName().startsWith("30")) {
                graph.addInitializer(tensor.toBuilder().setName(tensor.getName() + ".rest"));
            }
        }
        NodeProto reader = second.getGraph().getNode(0);
        graph.addNode(reader.toBuilder()
                .clearInput()
                .addAllInput(reader.getInputList().stream()
                        .map(name -> name + ".rest")
                        .toList())
                .setOutput(0, "rest"));
        return first.toBuilder().setGraph(graph).build();
    }

    private static SlowQuantisation requantised(
            QuantisedForm form, float[][] before, float[][] after, int from, int to) {
        float[][] base = Arrays.copyOfRange(before, from, to);
        return form.quantise(base).requantised(base, Arrays.copyOfRange(after, from, to), form.movesZeros());
    }

    @Test
    void aScaleThatOtherWeightsShareStaysAndWhatItCannotHoldIsCutOffAndCounted() throws IOException {
        QuantisedForm form = QuantisedForm.DEQUANTISED_TENSOR;
        ModelProto fused = weight.in(form, form.quantise(fused(weight.before())));
        Requantised edit = weight.edit(weight.sparse(), fused);
        assertThat(edit.rescaled()).isZero();
        assertThat(edit.cutOff()).isBetween(1L, 5L);
        assertThat(edit.relativeError()).isBetween(0.1, 1.0);
        List<TensorProto> changed = weight.written().getGraph().getInitializerList().stream()
                .filter(found -> !fused.getGraph().getInitializerList().contains(found))
                .toList();
        assertThat(changed).extracting(TensorProto::getName).containsExactly("301");
        assertThat(changed.get(0).getRawData().toByteArray()).contains(127).contains(-127);
    }

    @Test
    void aScaleThatAnotherNodeReadsStaysToo() throws IOException {
        QuantisedForm form = QuantisedForm.DEQUANTISED_ROWS;
        ModelProto model = weight.in(form, form.quantise(weight.before()));
        String scales = model.getGraph().getNode(0).getInput(1);
        GraphProto.Builder graph = model.getGraph().toBuilder()
                .addNode(NodeProto.newBuilder()
                        .setOpType("Identity")
                        .addInput(scales)
                        .addOutput("other"));
        requireScalesKept(model.toBuilder().setGraph(graph).build());
    }

    @Test
    void aScaleWithWhichABiasWasQuantisedStaysToo() throws IOException {
        QuantisedForm form = QuantisedForm.DEQUANTISED_ROWS;
        ModelProto model = weight.in(form, form.quantise(weight.before()));
        GraphProto.Builder graph = model.getGraph().toBuilder();
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            if (node.getInputList().contains(weight.name())) {
                List<String> inputs = List.of(node.getInput(0), weight.name(), "bias");
                node.clearInput().addAllInput(inputs);
            }
        }
        graph.addNode(NodeProto.newBuilder()
                .setOpType("DequantizeLinear")
                .addInput("304")
                .addInput("305")
                .addOutput("bias"));
        graph.addInitializer(zeros("304", DataType.INT32).addDims(weight.rows()));
        graph.addInitializer(zeros("305", DataType.FLOAT));
        requireScalesKept(model.toBuilder().setGraph(graph).build());
    }

    private TensorProto.Builder zeros(String name, DataType type) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .setRawData(ByteString.copyFrom(new byte[4 * weight.rows()]));
    }

    private void requireScalesKept(ModelProto model) throws IOException {
        Requantised edit = weight.edit(weight.sparse(), model);
        assertThat(edit.rescaled()).isZero();
        assertThat(edit.cutOff()).isPositive();
    }
}

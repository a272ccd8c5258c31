package modelpatch.export.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.checkpoint.HalfPrecision;
import modelpatch.checkpoint.TensorKind;
import modelpatch.export.MergedOnnx;
import modelpatch.export.OnnxExport.Options;
import modelpatch.export.Patched;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX files as other exporters write them: numbered names, other orientations, fused matrices, 16 bits, external data. */
class OnnxPatcherTest {
    @TempDir
    Path directory;

    private Patched patched;
    private String output;
    private String mlpOut;

    @BeforeEach
    void open() {
        patched = Patched.open(Patched.conformance("llama"));
        output = patched.base().outputName(0);
        mlpOut = patched.base().mlpOutName(patched.base().config().nLayers() - 1);
    }

    @AfterEach
    void close() {
        patched.close();
    }

    @Test
    void numberedTransposedAndFusedConstantsAreFoundByTheirNumbers() throws IOException {
        float[] w = weight(output);
        float[] m = weight(mlpOut);
        int rows = rows(output);
        int columns = w.length / rows;
        float[] fused = new float[3 * w.length]; // [columns, 3 rows], the weight in the middle of each row
        float[] transposed = transposed(w, rows);
        for (int i = 0; i < columns; i++) {
            System.arraycopy(transposed, i * rows, fused, (3 * i + 1) * rows, rows);
        }
        Path model = write(List.of(
                tensor("onnx::MatMul_1234", TensorKind.F32, columns, 3 * rows, fused),
                tensor(
                        "onnx::MatMul_77",
                        TensorKind.F16,
                        m.length / rows(mlpOut),
                        rows(mlpOut),
                        transposed(m, rows(mlpOut))),
                tensor("bystander", TensorKind.F32, rows, columns, new float[w.length])));
        Path out = directory.resolve("out");
        List<Rewritten> rewritten = rewrite(model, out);
        assertThat(rewritten)
                .extracting(r -> r.constant() + ": " + r.how())
                .containsExactlyInAnyOrder(
                        "onnx::MatMul_1234: transposed, part of a fused matrix", "onnx::MatMul_77: transposed");
        Map<String, TensorProto> tensors = parse(out.resolve("foreign.onnx")).getGraph().getInitializerList().stream()
                .collect(Collectors.toMap(TensorProto::getName, t -> t));
        float[] after = transposed(patched.weights().get(output), rows);
        for (int i = 0; i < columns; i++) {
            System.arraycopy(after, i * rows, fused, (3 * i + 1) * rows, rows);
        }
        assertThat(tensors.get("onnx::MatMul_1234").getRawData()).isEqualTo(bytes(TensorKind.F32, fused));
        assertThat(tensors.get("onnx::MatMul_77").getRawData())
                .isEqualTo(bytes(TensorKind.F16, transposed(patched.weights().get(mlpOut), rows(mlpOut))));
        assertThat(tensors.get("bystander").getRawData()).isEqualTo(bytes(TensorKind.F32, new float[w.length]));
    }

    @Test
    void constantsOfNodesAndExternalDataAreRewrittenWhereTheyLie() throws IOException {
        ByteString outside = bytes(TensorKind.F32, weight(output));
        byte[] data = new byte[100 + outside.size() + 9];
        java.util.Arrays.fill(data, (byte) 7);
        outside.copyTo(data, 100);
        Files.write(directory.resolve("weights.bin"), data);
        int rows = rows(output);
        TensorProto external = TensorProto.newBuilder()
                .setName("w")
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addDims(rows)
                .addDims(outside.size() / 4 / rows)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", "weights.bin"))
                .addExternalData(entry("offset", "100"))
                .addExternalData(entry("length", String.valueOf(outside.size())))
                .build();
        float[] m = weight(mlpOut);
        NodeProto constant = NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput("c")
                .addAttribute(AttributeProto.newBuilder()
                        .setName("value")
                        .setType(AttributeProto.AttributeType.TENSOR)
                        .setT(tensor("", TensorKind.F32, rows(mlpOut), m.length / rows(mlpOut), m)))
                .build();
        Path model = directory.resolve("foreign.onnx");
        Files.write(
                model,
                ModelProto.newBuilder()
                        .setGraph(GraphProto.newBuilder().addNode(constant).addInitializer(external))
                        .build()
                        .toByteArray());
        Path out = directory.resolve("out");
        rewrite(model, out);
        bytes(TensorKind.F32, patched.weights().get(output)).copyTo(data, 100);
        assertThat(out.resolve("weights.bin")).hasBinaryContent(data);
        assertThat(parse(out.resolve("foreign.onnx"))
                        .getGraph()
                        .getNode(0)
                        .getAttribute(0)
                        .getT()
                        .getRawData())
                .isEqualTo(bytes(TensorKind.F32, patched.weights().get(mlpOut)));
    }

    @Test
    void aQuantisedOrForeignModelIsRefusedAndNothingIsWritten() throws IOException {
        float[] other = weight(output);
        other[5] = Math.nextUp(other[5]);
        Path model = write(List.of(tensor("almost", TensorKind.F32, rows(output), other.length / rows(output), other)));
        assertThatThrownBy(() -> rewrite(model, directory.resolve("out")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("edited weight is not in the ONNX model")
                .hasMessageContaining("almost (FLOAT)");
        assertThat(directory.resolve("out")).doesNotExist();
        Path text = Files.writeString(directory.resolve("text.onnx"), "this is no protocol buffer");
        assertThatThrownBy(() -> rewrite(text, directory.resolve("out"))).isInstanceOf(BadInput.class);
    }

    private List<Rewritten> rewrite(Path model, Path target) {
        return MergedOnnx.of(patched.checkpoint(), patched.stack(), model)
                .write(target, Optional.empty(), Options.defaults())
                .rewritten();
    }

    private float[] weight(String tensor) {
        float[] values = new float[(int) patched.checkpoint().tensor(tensor).elements()];
        patched.checkpoint().readFloat32(tensor, FloatBuffer.wrap(values));
        return values;
    }

    private int rows(String tensor) {
        return patched.checkpoint().tensor(tensor).shape().get(0).intValue();
    }

    private static float[] transposed(float[] values, int rows) {
        int columns = values.length / rows;
        float[] turned = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            turned[i % columns * rows + i / columns] = values[i];
        }
        return turned;
    }

    private static TensorProto tensor(String name, TensorKind kind, int rows, int columns, float[] values) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType((kind == TensorKind.F32 ? TensorProto.DataType.FLOAT : TensorProto.DataType.FLOAT16)
                        .getNumber())
                .addDims(rows)
                .addDims(columns)
                .setRawData(bytes(kind, values))
                .build();
    }

    private static ByteString bytes(TensorKind kind, float[] values) {
        ByteBuffer bytes =
                ByteBuffer.allocate(values.length * kind.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            if (kind == TensorKind.F32) {
                bytes.putFloat(value);
            } else {
                bytes.putShort(HalfPrecision.toHalf(value));
            }
        }
        return ByteString.copyFrom(bytes.flip());
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private Path write(List<TensorProto> tensors) throws IOException {
        return Files.write(
                directory.resolve("foreign.onnx"),
                ModelProto.newBuilder()
                        .setGraph(GraphProto.newBuilder().setName("g").addAllInitializer(tensors))
                        .build()
                        .toByteArray());
    }

    private static ModelProto parse(Path file) throws IOException {
        return ModelProto.parseFrom(Files.readAllBytes(file));
    }
}

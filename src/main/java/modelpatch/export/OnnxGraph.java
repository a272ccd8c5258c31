package modelpatch.export;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import modelpatch.checkpoint.OutgoingTensor;

/**
 * An ONNX graph under construction: one method per operator, each of which adds a node and gives its output. Large tensors are kept as promises of
 * bytes; small constants lie in the graph itself.
 *
 * <p>The operators are those of the ONNX standard, but for {@link #matMulNBits}; those of {@link Operators#FUSED} say so.
 */
final class OnnxGraph {
    /** The domain of ONNX Runtime's own operators. */
    static final String RUNTIME_DOMAIN = "com.microsoft";

    /** What a node or an input gives. */
    record Value(String name) {
        static final Value ABSENT = new Value("");
    }

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final Map<String, OutgoingTensor> tensors = new LinkedHashMap<>();
    private final Map<String, Value> constants = new LinkedHashMap<>();
    private String scope = "";
    private int nodes;
    private boolean usesRuntimeOperators;

    OnnxGraph(String name) {
        graph.setName(name);
    }

    GraphProto proto() {
        return graph.build();
    }

    List<OutgoingTensor> tensors() {
        return List.copyOf(tensors.values());
    }

    boolean usesRuntimeOperators() {
        return usesRuntimeOperators;
    }

    /** Names of the nodes to come begin with this. */
    void in(String part) {
        scope = part;
    }

    // ---- what goes in and out

    Value input(String name, TensorProto.DataType type, Object... shape) {
        graph.addInput(info(name, type, shape));
        return new Value(name);
    }

    void output(Value value, TensorProto.DataType type, Object... shape) {
        graph.addOutput(info(value.name(), type, shape));
    }

    /** A shape is made of sizes (Long or Integer) and names of sizes that may vary (String). */
    private static ValueInfoProto info(String name, TensorProto.DataType type, Object... shape) {
        TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
        for (Object size : shape) {
            TensorShapeProto.Dimension.Builder dimension = dimensions.addDimBuilder();
            if (size instanceof Number number) {
                dimension.setDimValue(number.longValue());
            } else {
                dimension.setDimParam((String) size);
            }
        }
        TypeProto.Tensor tensor = TypeProto.Tensor.newBuilder()
                .setElemType(type.getNumber())
                .setShape(dimensions)
                .build();
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }

    /** A tensor of the file, under its own name. */
    Value tensor(OutgoingTensor tensor) {
        tensors.putIfAbsent(tensor.name(), tensor);
        return new Value(tensor.name());
    }

    Value longs(long... values) {
        ByteBuffer bytes = bytes(values.length * Long.BYTES);
        bytes.asLongBuffer().put(values);
        return constant(
                "int64" + Arrays.toString(values), TensorProto.DataType.INT64, bytes, List.of((long) values.length));
    }

    Value floats(float... values) {
        ByteBuffer bytes = bytes(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(FloatBuffer.wrap(values));
        return constant(
                "float" + Arrays.toString(values), TensorProto.DataType.FLOAT, bytes, List.of((long) values.length));
    }

    /** A number without dimensions. */
    Value number(double value) {
        ByteBuffer bytes = bytes(Float.BYTES).putFloat(0, (float) value);
        return constant("float " + (float) value, TensorProto.DataType.FLOAT, bytes, List.of());
    }

    /** A matrix that lies in the graph itself. */
    Value matrix(String name, int rows, int columns, float[] values) {
        ByteBuffer bytes = bytes(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        return constant(name, name, TensorProto.DataType.FLOAT, bytes, List.of((long) rows, (long) columns));
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }

    private Value constant(String content, TensorProto.DataType type, ByteBuffer bytes, List<Long> shape) {
        return constant(content, "constant_" + constants.size(), type, bytes, shape);
    }

    private Value constant(String content, String name, TensorProto.DataType type, ByteBuffer bytes, List<Long> shape) {
        return constants.computeIfAbsent(content, unused -> {
            graph.addInitializer(TensorProto.newBuilder()
                    .setName(name)
                    .setDataType(type.getNumber())
                    .addAllDims(shape)
                    .setRawData(ByteString.copyFrom(bytes)));
            return new Value(name);
        });
    }

    // ---- operators

    Value add(Value x, Value y) {
        return node("Add", x, y).value();
    }

    Value subtract(Value x, Value y) {
        return node("Sub", x, y).value();
    }

    Value multiply(Value x, Value y) {
        return node("Mul", x, y).value();
    }

    Value divide(Value x, Value y) {
        return node("Div", x, y).value();
    }

    Value apply(String function, Value x) {
        return node(function, x).value();
    }

    Value gelu(Value x, boolean tanh) {
        return node("Gelu", x).with("approximate", tanh ? "tanh" : "none").value();
    }

    Value softmax(Value x) {
        return node("Softmax", x).with("axis", -1).value();
    }

    Value square(Value x) {
        return node("Pow", x, number(2)).value();
    }

    /** The mean over the last dimension, which stays with size 1. */
    Value mean(Value x) {
        return node("ReduceMean", x, longs(-1)).with("keepdims", 1).value();
    }

    /** The largest along an axis, which stays as one. */
    Value largest(Value x, long axis) {
        return node("ReduceMax", x, longs(axis)).with("keepdims", 1).value();
    }

    /** -bound where x is below, bound where it is above. */
    Value clip(Value x, double bound) {
        return node("Clip", x, number(-bound), number(bound)).value();
    }

    Value layerNorm(Value x, Value weight, Value bias, double epsilon) {
        return node("LayerNormalization", x, weight, bias)
                .with("axis", -1)
                .with("epsilon", (float) epsilon)
                .value();
    }

    /** x / sqrt(mean(x^2) + epsilon) * weight over the last dimension; fused. */
    Value rmsNorm(Value x, Value weight, double epsilon) {
        return node("RMSNormalization", x, weight)
                .with("axis", -1)
                .with("epsilon", (float) epsilon)
                .value();
    }

    /**
     * Rotary positions; fused.
     *
     * @param x [batch, sequence, heads * d_head]
     * @param cosines, sines [n_ctx, turning / 2]; [batch, sequence, turning / 2] without positions
     * @param positions [batch, sequence], or absent
     * @param turning how many of a head's dimensions turn
     * @param pairs whether neighbours turn with each other, instead of the two halves
     */
    Value rotaryEmbedding(
            Value x, Value cosines, Value sines, Value positions, long heads, long turning, boolean pairs) {
        return node("RotaryEmbedding", x, cosines, sines, positions)
                .with("num_heads", heads)
                .with("rotary_embedding_dim", turning)
                .with("interleaved", pairs ? 1 : 0)
                .value();
    }

    /**
     * softmax(scale q k^T + bias) v behind kept keys and values; fused.
     *
     * @param q [batch, sequence, heads * d_head]; k and v so with their heads
     * @param bias [batch, 1, sequence, total]
     * @param pastKeys, pastValues [batch, n_key_value_heads, past, d_head]
     * @param present names of the keys and values [batch, n_key_value_heads, total, d_head] that come out
     * @return [batch, sequence, heads * d_head]
     */
    Value attention(
            Value q,
            Value k,
            Value v,
            Value bias,
            Value pastKeys,
            Value pastValues,
            long heads,
            long keyValueHeads,
            double scale,
            List<String> present) {
        OnnxNode node = node("Attention", q, k, v, bias, pastKeys, pastValues)
                .with("q_num_heads", heads)
                .with("kv_num_heads", keyValueHeads)
                .with("scale", (float) scale);
        return node.values(Stream.concat(Stream.of(node.output()), present.stream())
                        .toList())
                .get(0);
    }

    Value matMul(Value x, Value y) {
        return node("MatMul", x, y).value();
    }

    /** x W + b, or x W^T + b where {@code transposes}; the bias may be absent. */
    Value gemm(Value x, Value weight, Value bias, boolean transposes) {
        return node("Gemm", x, weight, bias).with("transB", transposes ? 1 : 0).value();
    }

    /**
     * x W^T with W in signed 8-bit blocks (ONNX Runtime's own operator). The runtime may round the blocks of x to 8 bits too: at full accuracy its
     * kernel for 8 bits is slower than float32.
     *
     * @param quantised [d_out, blocks, block], each byte 128 above its number
     * @param scales [d_out * blocks]
     */
    Value matMulNBits(Value x, Value quantised, Value scales, long dIn, long dOut, long block) {
        usesRuntimeOperators = true;
        return node("MatMulNBits", x, quantised, scales)
                .from(RUNTIME_DOMAIN)
                .with("K", dIn)
                .with("N", dOut)
                .with("bits", 8)
                .with("block_size", block)
                .with("accuracy_level", 4)
                .value();
    }

    Value reshape(Value x, long... shape) {
        return reshape(x, longs(shape)).value();
    }

    OnnxNode reshape(Value x, Value shape) {
        return node("Reshape", x, shape);
    }

    Value transpose(Value x, long... order) {
        return node("Transpose", x).with("perm", order).value();
    }

    Value unsqueeze(Value x, long... axes) {
        return node("Unsqueeze", x, longs(axes)).value();
    }

    /** Dimensions of size 1 repeated to the given sizes; 1 leaves one as it is. */
    Value expand(Value x, long... sizes) {
        return node("Expand", x, longs(sizes)).value();
    }

    OnnxNode concatenate(long axis, Value... parts) {
        return node("Concat", parts).with("axis", axis);
    }

    /** Parts of the given sizes along a dimension. */
    List<Value> split(Value x, long axis, long... sizes) {
        return node("Split", x, longs(sizes)).with("axis", axis).values(sizes.length);
    }

    /** The entries of {@code table} along a dimension that {@code ids} name. */
    Value gather(Value table, Value ids, long axis) {
        return node("Gather", table, ids).with("axis", axis).value();
    }

    /** The entry of the first dimension, which disappears, at one index. */
    Value at(Value x, long index) {
        ByteBuffer bytes = bytes(Long.BYTES).putLong(0, index);
        Value place = constant("int64 " + index, TensorProto.DataType.INT64, bytes, List.of());
        return gather(x, place, 0);
    }

    /** The entries of the last dimension that {@code ids} name, row by row. */
    Value gatherElements(Value x, Value ids) {
        return node("GatherElements", x, ids).with("axis", -1).value();
    }

    /** x [rows, n] with entries of {@code values} [rows, m] at the columns {@code ids} [rows, m]. */
    Value scatterElements(Value x, Value ids, Value values) {
        return node("ScatterElements", x, ids, values).with("axis", -1).value();
    }

    /** x [rows, n] with {@code values} [m, n] added to its rows {@code ids} [m]. */
    Value addRows(Value x, Value ids, Value values) {
        return node("ScatterND", x, unsqueeze(ids, 1), values)
                .with("reduction", "add")
                .value();
    }

    /** The greatest {@code count} values of the last dimension, and where they are. */
    List<Value> top(Value x, long count) {
        return node("TopK", x, longs(count)).with("axis", -1).values(2);
    }

    /** The sum over the last dimension, which stays with size 1 where it is {@code kept}. */
    Value sum(Value x, boolean kept) {
        return node("ReduceSum", x, longs(-1)).with("keepdims", kept ? 1 : 0).value();
    }

    /** Where a vector is not 0. */
    Value places(Value x) {
        return reshape(apply("NonZero", x), -1);
    }

    /** The size of one dimension, [1]. */
    Value size(Value x, long dimension) {
        return node("Shape", x)
                .with("start", dimension)
                .with("end", dimension + 1)
                .value();
    }

    /** The last {@code count} [1] entries of the second dimension. */
    Value last(Value x, Value count) {
        return node("Slice", x, apply("Neg", count), longs(Long.MAX_VALUE), longs(1))
                .value();
    }

    /** Without the last entry of a dimension. */
    Value allButLast(Value x, long dimension) {
        return node("Slice", x, longs(0), longs(-1), longs(dimension)).value();
    }

    /** Every second entry of a dimension. */
    Value everySecond(Value x, long first, long dimension) {
        return node("Slice", x, longs(first), longs(Long.MAX_VALUE), longs(dimension), longs(2))
                .value();
    }

    /** The smaller of two, entry by entry. */
    Value least(Value x, Value y) {
        return node("Min", x, y).value();
    }

    Value cumulativeSum(Value x, long axis) {
        return node("CumSum", x, longs(axis)).value();
    }

    Value notAbove(Value x, Value y) {
        return node("LessOrEqual", x, y).value();
    }

    Value above(Value x, Value y) {
        return node("Greater", x, y).value();
    }

    Value same(Value x, Value y) {
        return node("Equal", x, y).value();
    }

    Value and(Value x, Value y) {
        return node("And", x, y).value();
    }

    Value where(Value condition, Value x, Value y) {
        return node("Where", condition, x, y).value();
    }

    Value cast(Value x, TensorProto.DataType type) {
        return node("Cast", x).with("to", type.getNumber()).value();
    }

    private OnnxNode node(String operator, Value... inputs) {
        return new OnnxNode(graph, scope + "/" + operator + "_" + nodes++, operator, inputs);
    }
}

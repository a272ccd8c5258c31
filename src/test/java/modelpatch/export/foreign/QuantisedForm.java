package modelpatch.export.foreign;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;
import modelpatch.checkpoint.HalfPrecision;

/** Ways in which other tools write a quantised weight, put into our float32 export in the place of the weight. Names say nothing. */
enum QuantisedForm {
    BLOCKS_OF_8_BITS("MatMulNBits", DataType.UINT8, 8, Cut.ROW_BLOCKS, 32, true),
    BLOCKS_OF_8_BITS_WITH_ZERO_POINTS("MatMulNBits", DataType.UINT8, 8, Cut.ROW_BLOCKS, 16, false),
    BLOCKS_OF_4_BITS("MatMulNBits", DataType.UINT8, 4, Cut.ROW_BLOCKS, 16, true),
    BLOCKS_OF_4_BITS_WITH_ZERO_POINTS("MatMulNBits", DataType.UINT8, 4, Cut.ROW_BLOCKS, 16, false),
    BLOCKS_WITH_HALF_SCALES("MatMulNBits", DataType.UINT8, 4, Cut.ROW_BLOCKS, 32, false),
    DEQUANTISED_TENSOR("DequantizeLinear", DataType.INT8, 8, Cut.TENSOR, 0, true),
    DEQUANTISED_TENSOR_WITH_ZERO_POINT("DequantizeLinear", DataType.UINT8, 8, Cut.TENSOR, 0, false),
    DEQUANTISED_ROWS("DequantizeLinear", DataType.INT8, 8, Cut.ROWS, 0, true),
    DEQUANTISED_COLUMNS_WITH_ZERO_POINTS("DequantizeLinear", DataType.UINT8, 8, Cut.COLUMNS, 0, false),
    DEQUANTISED_BLOCKS_OF_4_BITS("DequantizeLinear", DataType.INT4, 4, Cut.ROW_BLOCKS, 16, true),
    DEQUANTISED_COLUMN_BLOCKS("DequantizeLinear", DataType.UINT4, 4, Cut.COLUMN_BLOCKS, 16, false),
    DYNAMIC("MatMulInteger", DataType.INT8, 8, Cut.TENSOR, 0, true),
    DYNAMIC_IN_SEVEN_BITS("MatMulInteger", DataType.INT8, 8, Cut.TENSOR, 0, true),
    DYNAMIC_COLUMNS_WITH_ZERO_POINTS("MatMulInteger", DataType.UINT8, 8, Cut.COLUMNS, 0, false);

    private static final String CODES = "301";
    private static final String SCALES = "302";
    private static final String ZEROS = "303";

    private final String operator;
    private final DataType type;
    private final int bits;
    private final Cut cut;
    private final int block;
    private final boolean symmetric;

    /** What shares a scale. */
    enum Cut {
        TENSOR,
        ROWS,
        COLUMNS,
        ROW_BLOCKS,
        COLUMN_BLOCKS
    }

    QuantisedForm(String operator, DataType type, int bits, Cut cut, int block, boolean symmetric) {
        this.operator = operator;
        this.type = type;
        this.bits = bits;
        this.cut = cut;
        this.block = block;
        this.symmetric = symmetric;
    }

    /** Whether a new grid may have a new zero point: those of one tensor stay, and so do zero points in int32_data. */
    boolean movesZeros() {
        return !symmetric && cut != Cut.TENSOR && !hasVarintZeros();
    }

    /** As ONNX Runtime's quantizers of whole tensors and axes write zero points. */
    private boolean hasVarintZeros() {
        return operator.equals("MatMulInteger");
    }

    private boolean hasHalfScales() {
        return this == BLOCKS_WITH_HALF_SCALES;
    }

    /** ONNX Runtime computes with such scales only where activations are float16 too. */
    boolean runs() {
        return !hasHalfScales();
    }

    /** Whether the constant holds the transpose of a weight [d_out, d_in]. */
    boolean isTransposed() {
        return operator.equals("MatMulInteger");
    }

    private boolean isSigned() {
        return type == DataType.INT8 || type == DataType.INT4;
    }

    /** What the maker of the file does with a weight. */
    SlowQuantisation quantise(float[][] weight) {
        float[][] m = isTransposed() ? SlowQuantisation.transposed(weight) : weight;
        int middle = isSigned() ? 0 : 1 << (bits - 1);
        int least = middle - (1 << (bits - 1));
        int greatest = middle + (1 << (bits - 1)) - 1;
        if (this == DYNAMIC_IN_SEVEN_BITS) {
            return SlowQuantisation.of(m, tile(m[0].length), -64, 64, true, 0, false);
        }
        boolean mirrored = symmetric && bits == 8;
        return SlowQuantisation.of(
                m, tile(m[0].length), mirrored ? least + 1 : least, greatest, symmetric, middle, hasHalfScales());
    }

    private IntBinaryOperator tile(int columns) {
        int blocks = block == 0 ? 0 : (columns + block - 1) / block;
        return switch (cut) {
            case TENSOR -> (row, column) -> 0;
            case ROWS -> (row, column) -> row;
            case COLUMNS -> (row, column) -> column;
            case ROW_BLOCKS -> (row, column) -> row * blocks + column / block;
            case COLUMN_BLOCKS -> (row, column) -> row / block * columns + column;
        };
    }

    /** The model with a weight of a Gemm (transB) in this form. */
    ModelProto put(ModelProto model, String weight, SlowQuantisation quantised) {
        GraphProto.Builder graph = model.getGraph().toBuilder();
        graph.clearInitializer();
        model.getGraph().getInitializerList().stream()
                .filter(tensor -> !tensor.getName().equals(weight))
                .forEach(graph::addInitializer);
        graph.addAllInitializer(tensors(quantised));
        graph.clearNode();
        if (operator.equals("DequantizeLinear")) {
            graph.addNode(dequantizeLinear(weight));
        }
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (node.getInputList().contains(weight) && !operator.equals("DequantizeLinear")) {
                int rows = quantised.code().length;
                int columns = quantised.code()[0].length;
                graph.addAllNode(products(node.getInput(0), node.getOutput(0), rows, columns));
            } else {
                graph.addNode(node);
            }
        }
        return model.toBuilder()
                .setGraph(graph)
                .setIrVersion(10)
                .clearOpsetImport()
                .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(21))
                .addOpsetImport(OperatorSetIdProto.newBuilder()
                        .setDomain("com.microsoft")
                        .setVersion(1))
                .build();
    }

    private NodeProto dequantizeLinear(String output) {
        NodeProto.Builder node = node(operator, List.of(CODES, SCALES, ZEROS), output);
        boolean down = cut == Cut.ROWS || cut == Cut.COLUMN_BLOCKS;
        node.addAttribute(integer("axis", down ? 0 : 1));
        return block == 0
                ? node.build()
                : node.addAttribute(integer("block_size", block)).build();
    }

    private List<NodeProto> products(String x, String y, int rows, int columns) {
        if (operator.equals("MatMulNBits")) {
            List<String> inputs = symmetric ? List.of(x, CODES, SCALES) : List.of(x, CODES, SCALES, ZEROS);
            return List.of(node(operator, inputs, y)
                    .setDomain("com.microsoft")
                    .addAttribute(integer("K", columns))
                    .addAttribute(integer("N", rows))
                    .addAttribute(integer("bits", bits))
                    .addAttribute(integer("block_size", block))
                    .build());
        }
        return List.of(
                node("DynamicQuantizeLinear", List.of(x), "xq", "xs", "xz").build(),
                node(operator, List.of("xq", CODES, "xz", ZEROS), "sums").build(),
                node("Cast", List.of("sums"), "cast")
                        .addAttribute(integer("to", 1))
                        .build(),
                node("Mul", List.of("xs", SCALES), "step").build(),
                node("Mul", List.of("cast", "step"), y).build());
    }

    private static NodeProto.Builder node(String operator, List<String> inputs, String... outputs) {
        return NodeProto.newBuilder().setOpType(operator).addAllInput(inputs).addAllOutput(List.of(outputs));
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.INT)
                .setI(value)
                .build();
    }

    private List<TensorProto> tensors(SlowQuantisation quantised) {
        List<TensorProto> tensors = new ArrayList<>();
        long rows = quantised.code().length;
        long columns = quantised.code()[0].length;
        boolean blob = operator.equals("MatMulNBits");
        long blocks = blob ? (columns + block - 1) / block : 0;
        List<Long> shape = blob ? List.of(rows, blocks, (long) block * bits / 8) : List.of(rows, columns);
        tensors.add(raw(CODES, type, shape, ByteString.copyFrom(packed(codes(quantised)))));
        List<Long> scaleShape = switch (cut) {
            case TENSOR -> List.of();
            case ROWS, COLUMNS -> List.of((long) quantised.scale().length);
            case ROW_BLOCKS -> List.of(rows, quantised.scale().length / rows);
            case COLUMN_BLOCKS -> List.of(quantised.scale().length / columns, columns);
        };
        ByteBuffer scales = ByteBuffer.allocate(4 * quantised.scale().length).order(ByteOrder.LITTLE_ENDIAN);
        for (float scale : quantised.scale()) {
            if (hasHalfScales()) {
                scales.putShort(HalfPrecision.toHalf(scale));
            } else {
                scales.putFloat(scale);
            }
        }
        DataType scaleType = hasHalfScales() ? DataType.FLOAT16 : DataType.FLOAT;
        tensors.add(raw(SCALES, scaleType, scaleShape, ByteString.copyFrom(scales.flip())));
        if (!blob || !symmetric) {
            byte[] zeros = packed(zeros(quantised, (int) blocks));
            List<Long> zeroShape = blob ? List.of(rows, zeros.length / rows) : scaleShape;
            tensors.add(
                    hasVarintZeros()
                            ? TensorProto.newBuilder()
                                    .setName(ZEROS)
                                    .setDataType(type.getNumber())
                                    .addAllDims(zeroShape)
                                    .addAllInt32Data(IntStream.of(quantised.zero())
                                            .boxed()
                                            .toList())
                                    .build()
                            : raw(ZEROS, type, zeroShape, ByteString.copyFrom(zeros)));
        }
        return tensors;
    }

    private static TensorProto raw(String name, DataType type, List<Long> shape, ByteString bytes) {
        return TensorProto.newBuilder()
                .setName(name)
                .setDataType(type.getNumber())
                .addAllDims(shape)
                .setRawData(bytes)
                .build();
    }

    /** Row after row; in MatMulNBits each filled up to whole blocks, here with the number 3 to see that it stays. */
    private int[] codes(SlowQuantisation quantised) {
        int columns = quantised.code()[0].length;
        int filled = operator.equals("MatMulNBits") ? (columns + block - 1) / block * block : columns;
        return IntStream.range(0, quantised.code().length * filled)
                .map(i -> i % filled < columns ? quantised.code()[i / filled][i % filled] : 3)
                .toArray();
    }

    /** In MatMulNBits each row of blocks filled up to whole bytes. */
    private int[] zeros(SlowQuantisation quantised, int blocks) {
        if (!operator.equals("MatMulNBits")) {
            return quantised.zero();
        }
        int filled = bits == 4 ? (blocks + 1) / 2 * 2 : blocks;
        return IntStream.range(0, quantised.code().length * filled)
                .map(i -> i % filled < blocks ? quantised.zero()[i / filled * blocks + i % filled] : 5)
                .toArray();
    }

    private byte[] packed(int[] numbers) {
        byte[] bytes = new byte[(numbers.length * bits + 7) / 8];
        for (int i = 0; i < numbers.length; i++) {
            bytes[i * bits / 8] |= (byte) ((numbers[i] & ((1 << bits) - 1)) << (i * bits % 8));
        }
        return bytes;
    }
}

package modelpatch.export.foreign;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.export.foreign.OnnxScan.Node;
import modelpatch.export.foreign.QuantisedConstant.Freedom;

/**
 * Recognises the quantised matrices of an ONNX model by the nodes that read them, never by names: MatMulNBits (com.microsoft), DequantizeLinear of
 * a constant, and MatMulInteger, whose scale is found along the graph.
 */
final class QuantisedConstants {
    /** Whose operators are known here. */
    private static final Set<String> DOMAINS = Set.of("", "ai.onnx", "com.microsoft");

    private final Map<String, StoredTensor> constants = new HashMap<>();
    private final Map<String, Set<Node>> readers = new HashMap<>();
    private final Map<String, Node> writers = new HashMap<>();
    private final List<Node> nodes;

    /**
     * One place where a quantised matrix is read.
     *
     * @param through the nodes that read its integers, scales and zero points there
     */
    private record Reading(QuantisedConstant constant, Set<Node> through) {}

    private QuantisedConstants(OnnxScan scan) {
        this.nodes = scan.nodes();
        scan.constants().forEach(constant -> constants.put(constant.name(), constant));
        for (Node node : nodes) {
            node.inputs()
                    .forEach(input -> readers.computeIfAbsent(input, name -> new HashSet<>())
                            .add(node));
            node.outputs().forEach(output -> writers.put(output, node));
        }
    }

    /** Those that only such nodes read, and all in the same way. */
    static List<QuantisedConstant> of(OnnxScan scan) {
        return new QuantisedConstants(scan).all();
    }

    private List<QuantisedConstant> all() {
        Map<String, List<Reading>> byCodes = nodes.stream()
                .flatMap(node -> reading(node).stream())
                .filter(reading -> isConsistent(reading.constant()))
                .collect(Collectors.groupingBy(
                        reading -> reading.constant().name(), LinkedHashMap::new, Collectors.toList()));
        List<QuantisedConstant> found = new ArrayList<>();
        for (List<Reading> readings : byCodes.values()) {
            QuantisedConstant constant = readings.get(0).constant();
            Set<Node> through = readings.stream()
                    .flatMap(reading -> reading.through().stream())
                    .collect(Collectors.toSet());
            boolean alike =
                    readings.stream().allMatch(reading -> reading.constant().equals(constant));
            if (alike && belongs(constant.codes(), through)) {
                found.add(constant.with(freedom(constant, through)));
            }
        }
        return found;
    }

    private Optional<Reading> reading(Node node) {
        if (!DOMAINS.contains(node.domain())) {
            return Optional.empty();
        }
        return switch (node.operator()) {
            case "MatMulNBits" -> matMulNBits(node);
            case "DequantizeLinear" -> dequantizeLinear(node);
            case "MatMulInteger" -> matMulInteger(node);
            default -> Optional.empty();
        };
    }

    /** B [N, ceil(K / block_size), block_size * bits / 8], its rows the outputs; without zero points the middle code stands for 0. */
    private Optional<Reading> matMulNBits(Node node) {
        int bits = attribute(node, "bits", 4);
        int block = attribute(node, "block_size", 0);
        boolean reordered = !node.input(4).isEmpty(); // g_idx
        if ((bits != 4 && bits != 8) || block < 2 || reordered) {
            return Optional.empty();
        }
        Tiling tiling = Tiling.padded(attribute(node, "N", 0), attribute(node, "K", 0), block, bits);
        PackedIntegers integers = new PackedIntegers(bits, false);
        return reading(node, Set.of(node), node.input(1), node.input(2), node.input(3), integers, tiling);
    }

    /** A scale for the tensor, for an axis, or for blocks along an axis, as the shape of the scales says. */
    private Optional<Reading> dequantizeLinear(Node node) {
        int axis = Math.floorMod(attribute(node, "axis", 1), 2);
        int block = attribute(node, "block_size", 0);
        return matrix(node, Set.of(node), node.input(0), node.input(1), node.input(2), axis, block);
    }

    /**
     * B [K, N]; its products are turned into numbers by Mul(Cast(products), Mul(scale of A, scale of B)). (Source: the graph that
     * quantize_dynamic of ONNX Runtime writes.)
     */
    private Optional<Reading> matMulInteger(Node node) {
        List<Node> factors = readers(node, "Cast")
                .flatMap(cast -> readers(cast, "Mul"))
                .flatMap(mul -> mul.inputs().stream())
                .map(writers::get)
                .filter(writer -> writer != null && writer.operator().equals("Mul"))
                .toList();
        List<String> scales = factors.stream()
                .flatMap(mul -> mul.inputs().stream())
                .filter(constants::containsKey)
                .toList();
        if (factors.size() != 1 || scales.size() != 1) {
            return Optional.empty();
        }
        Set<Node> through = Set.of(node, factors.get(0));
        return matrix(node, through, node.input(1), scales.get(0), node.input(3), 1, 0);
    }

    private Stream<Node> readers(Node node, String operator) {
        return node.outputs().stream()
                .flatMap(output -> readers.getOrDefault(output, Set.of()).stream())
                .filter(reader -> reader.operator().equals(operator));
    }

    /** A matrix stored as it is multiplied. */
    private Optional<Reading> matrix(
            Node node, Set<Node> through, String codes, String scales, String zeros, int axis, int block) {
        StoredTensor matrix = constants.get(codes);
        StoredTensor steps = constants.get(scales);
        if (matrix == null || steps == null || !matrix.isMatrix()) {
            return Optional.empty();
        }
        Tiling tiling = tiling(matrix.rows(), matrix.columns(), steps.elements() == 1, axis, block);
        return PackedIntegers.of(matrix.type())
                .flatMap(integers -> reading(node, through, codes, scales, zeros, integers, tiling));
    }

    /**
     * @param axis whose every index has a scale of its own, or along which blocks lie
     * @param block 0 where there are none
     */
    private static Tiling tiling(int rows, int columns, boolean perTensor, int axis, int block) {
        if (perTensor) {
            return Tiling.dense(rows, columns, rows, columns);
        }
        boolean downwards = block > 0 ? axis == 0 : axis == 1;
        return downwards
                ? Tiling.dense(rows, columns, block > 0 ? block : rows, 1)
                : Tiling.dense(rows, columns, 1, block > 0 ? block : columns);
    }

    private Optional<Reading> reading(
            Node node,
            Set<Node> through,
            String codes,
            String scales,
            String zeros,
            PackedIntegers integers,
            Tiling tiling) {
        boolean complete = constants.containsKey(codes)
                && constants.containsKey(scales)
                && (zeros.isEmpty() || constants.containsKey(zeros));
        if (!complete) {
            return Optional.empty();
        }
        int zeroElsewhere = node.operator().equals("MatMulNBits") ? 1 << (integers.bits() - 1) : 0;
        QuantisedConstant constant = new QuantisedConstant(
                node.operator(),
                constants.get(codes),
                integers,
                tiling,
                constants.get(scales),
                Optional.ofNullable(constants.get(zeros)),
                zeroElsewhere,
                Freedom.CODES);
        return Optional.of(new Reading(constant, through));
    }

    /** Whether the constants hold as many numbers as the operator reads, of kinds that are known here. */
    private static boolean isConsistent(QuantisedConstant constant) {
        Tiling tiling = constant.tiling();
        PackedIntegers integers = constant.integers();
        StoredTensor scales = constant.scales();
        return constant.codes().isRewritable()
                && tiling.codes() <= Integer.MAX_VALUE
                && holds(constant.codes(), integers, tiling.codes())
                && FloatFormat.of(scales.type())
                        .filter(format -> scales.isWhole(format.width()))
                        .isPresent()
                && scales.isReadable()
                && scales.elements() == tiling.tiles()
                && constant.zeros().stream().allMatch(zeros -> holds(zeros, integers, tiling.zeros()));
    }

    /** Whether a tensor, perhaps of bytes that hold two each, holds so many integers. */
    private static boolean holds(StoredTensor tensor, PackedIntegers integers, long count) {
        return PackedIntegers.of(tensor.type())
                .filter(stored ->
                        tensor.isReadable() && stored.signed() == integers.signed() && tensor.isWhole(stored.bits()))
                .filter(stored -> tensor.elements() * stored.bits() == count * integers.bits())
                .isPresent();
    }

    private Freedom freedom(QuantisedConstant constant, Set<Node> through) {
        boolean scales = constant.scales().isRewritable()
                && belongs(constant.scales(), through)
                && through.stream().noneMatch(this::scalesABias);
        boolean zeros = constant.zeros()
                .filter(tensor -> tensor.isRewritable() && belongs(tensor, through))
                .isPresent();
        return !scales ? Freedom.CODES : zeros ? Freedom.SCALES_AND_ZEROS : Freedom.SCALES;
    }

    private boolean belongs(StoredTensor tensor, Set<Node> through) {
        return through.containsAll(readers.getOrDefault(tensor.name(), Set.of()));
    }

    /**
     * Whether a bias of 32-bit integers is added to what is multiplied with the matrix. Runtimes that fuse the two take the bias' scale to be that of
     * the input times that of the matrix, so that this must stay. (Source: QGemm of ONNX Runtime.)
     */
    private boolean scalesABias(Node node) {
        return node.outputs().stream()
                .flatMap(output -> readers.getOrDefault(output, Set.of()).stream())
                .map(reader -> writers.get(reader.input(2)))
                .filter(writer -> writer != null && writer.operator().equals("DequantizeLinear"))
                .map(writer -> constants.get(writer.input(0)))
                .anyMatch(bias -> bias != null && bias.type() == DataType.INT32);
    }

    /** -1 for a number that is none of a possible attribute. */
    private static int attribute(Node node, String name, int otherwise) {
        long value = node.integers().getOrDefault(name, (long) otherwise);
        return value == (int) value ? (int) value : -1;
    }
}

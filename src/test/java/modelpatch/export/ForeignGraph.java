package modelpatch.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * An exported decoder, changed into the forms that other exporters write. Values of the graph keep what they mean: an input that is replaced
 * is made of other inputs by the nodes that are put first.
 */
final class ForeignGraph {
    /** A size that may vary. */
    static final long ANY = -1;

    private static final String PAST = "past_key_values.";

    private final ModelProto.Builder model;
    private final GraphProto.Builder graph;
    private final List<NodeProto> first = new ArrayList<>();
    private final List<NodeProto> last = new ArrayList<>();

    ForeignGraph(Path file) throws IOException {
        this.model = ModelProto.parseFrom(Files.readAllBytes(file)).toBuilder();
        this.graph = model.getGraphBuilder();
    }

    /** Writes it over the other, or beside it. */
    void write(Path file) throws IOException {
        List<NodeProto> between = List.copyOf(graph.getNodeList());
        graph.clearNode().addAllNode(first).addAllNode(between).addAllNode(last);
        Files.write(file, model.build().toByteArray());
    }

    ForeignGraph by(String producer) {
        model.setProducerName(producer);
        return this;
    }

    // ---- sizes

    ForeignGraph withSymbolicCaches() {
        eachValue(ForeignGraph::isCache, value -> {
            dimension(value, 1, "kv_heads");
            dimension(value, 3, "kv_cache_dim");
        });
        return this;
    }

    ForeignGraph forOneSequence() {
        eachValue(
                value -> true,
                value -> value.getTypeBuilder()
                        .getTensorTypeBuilder()
                        .getShapeBuilder()
                        .getDimBuilder(0)
                        .setDimValue(1));
        return this;
    }

    ForeignGraph forSequencesOf(int length) {
        eachValue(
                value -> value.getName().equals("input_ids"),
                value -> value.getTypeBuilder()
                        .getTensorTypeBuilder()
                        .getShapeBuilder()
                        .getDimBuilder(1)
                        .setDimValue(length));
        return this;
    }

    // ---- types

    ForeignGraph withHalfPrecisionCaches() {
        eachValue(ForeignGraph::isCache, value -> type(value, DataType.FLOAT16));
        for (String name : caches(graph.getInputList())) {
            replaceInput(name, node("Cast", List.of(name), to(DataType.FLOAT)));
        }
        for (String name : caches(graph.getOutputList())) {
            replaceOutput(name, inner -> node("Cast", List.of(inner), to(DataType.FLOAT16)));
        }
        return this;
    }

    ForeignGraph withIntegersOf32Bits() {
        for (String name : List.of("input_ids", "attention_mask", "position_ids")) {
            eachValue(value -> value.getName().equals(name), value -> type(value, DataType.INT32));
            replaceInput(name, node("Cast", List.of(name), to(DataType.INT64)));
        }
        return this;
    }

    // ---- inputs

    ForeignGraph withInput(String name, DataType type, long... shape) {
        ValueInfoProto.Builder value = graph.addInputBuilder().setName(name);
        type(value, type);
        TensorShapeProto.Builder sizes =
                value.getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
        for (long size : shape) {
            TensorShapeProto.Dimension.Builder dimension = sizes.addDimBuilder();
            if (size == ANY) {
                dimension.setDimParam("any");
            } else {
                dimension.setDimValue(size);
            }
        }
        return this;
    }

    /** Positions are counted from the first place, padding or not. */
    ForeignGraph countingPlaces() {
        remove("position_ids");
        String before = put("Gather", List.of(put("Shape", List.of(cache())), longs(2)), axis(0)); // [1]
        String ids = put("Shape", List.of("input_ids"));
        String places = put("Gather", List.of(ids, longs(1)), axis(0));
        String end = put("Add", List.of(before, places));
        String none = longs(0);
        String range = put(
                "Range", List.of(put("Squeeze", List.of(before, none)), put("Squeeze", List.of(end, none)), scalar(1)));
        replaceInput("position_ids", node("Expand", List.of(put("Unsqueeze", List.of(range, none)), ids)));
        return this;
    }

    /** Positions are counted from the mask, over its ones. */
    ForeignGraph countingTokens() {
        remove("position_ids");
        String before = put("Gather", List.of(put("Shape", List.of(cache())), longs(2)), axis(0));
        String counted = put("CumSum", List.of("attention_mask", scalar(1)));
        String fromZero = put("Max", List.of(put("Sub", List.of(counted, longs(1))), longs(0)));
        replaceInput("position_ids", node("Slice", List.of(fromZero, before, longs(Long.MAX_VALUE), longs(1))));
        return this;
    }

    ForeignGraph ignoringTheMask() {
        String zeros = put("Sub", List.of("attention_mask", "attention_mask"));
        replaceInput("attention_mask", node("Add", List.of(zeros, longs(1))));
        return this;
    }

    /** Every call begins anew, with nothing before its tokens. */
    ForeignGraph withoutCache() {
        String batch = put("Gather", List.of(put("Shape", List.of("input_ids")), longs(0)), axis(0));
        for (ValueInfoProto input : List.copyOf(graph.getInputList())) {
            if (isCache(input)) {
                long heads =
                        input.getType().getTensorType().getShape().getDim(1).getDimValue();
                long width =
                        input.getType().getTensorType().getShape().getDim(3).getDimValue();
                String shape = put("Concat", List.of(batch, longs(heads), longs(0), longs(width)), axis(0));
                remove(input.getName());
                replaceInput(input.getName(), node("ConstantOfShape", List.of(shape)));
            }
        }
        List<ValueInfoProto> kept = graph.getOutputList().stream()
                .filter(output -> !isCache(output))
                .toList();
        graph.clearOutput().addAllOutput(kept);
        return this;
    }

    /** Takes keys and values and forgets what they were. */
    ForeignGraph forgettingItsCache() {
        for (String name : caches(graph.getInputList())) {
            replaceInput(name, node("Mul", List.of(name, floats(0))));
        }
        return this;
    }

    ForeignGraph withLogitsOfTheLastPlace() {
        replaceOutput("logits", inner -> node("Slice", List.of(inner, longs(-1), longs(Long.MAX_VALUE), longs(1))));
        eachValue(
                value -> value.getName().equals("logits"),
                value -> value.getTypeBuilder()
                        .getTensorTypeBuilder()
                        .getShapeBuilder()
                        .getDimBuilder(1)
                        .setDimValue(1));
        return this;
    }

    ForeignGraph calling(String name, String otherwise) {
        eachValue(value -> value.getName().equals(name), value -> value.setName(otherwise));
        rename(name, otherwise);
        return this;
    }

    // ---- changing a graph

    private static boolean isCache(ValueInfoProto.Builder value) {
        return value.getName().startsWith(PAST) || value.getName().startsWith("present.");
    }

    private static boolean isCache(ValueInfoProto value) {
        return isCache(value.toBuilder());
    }

    private static List<String> caches(List<ValueInfoProto> values) {
        return values.stream()
                .filter(ForeignGraph::isCache)
                .map(ValueInfoProto::getName)
                .toList();
    }

    private String cache() {
        return caches(graph.getInputList()).get(0);
    }

    private void eachValue(Predicate<ValueInfoProto.Builder> which, Consumer<ValueInfoProto.Builder> change) {
        graph.getInputBuilderList().stream().filter(which).forEach(change);
        graph.getOutputBuilderList().stream().filter(which).forEach(change);
    }

    private static void dimension(ValueInfoProto.Builder value, int index, String name) {
        value.getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .getDimBuilder(index)
                .setDimParam(name);
    }

    private static void type(ValueInfoProto.Builder value, DataType type) {
        value.getTypeBuilder().getTensorTypeBuilder().setElemType(type.getNumber());
    }

    private void remove(String input) {
        List<ValueInfoProto> kept = graph.getInputList().stream()
                .filter(value -> !value.getName().equals(input))
                .toList();
        graph.clearInput().addAllInput(kept);
    }

    /** Whoever reads an input reads what the node gives. */
    private void replaceInput(String input, NodeProto.Builder by) {
        rename(input, input + "_inside");
        first.add(by.addOutput(input + "_inside").build());
    }

    private interface Outer {
        NodeProto.Builder of(String inner);
    }

    private void replaceOutput(String output, Outer by) {
        rename(output, output + "_inside");
        last.add(by.of(output + "_inside").addOutput(output).build());
    }

    private void rename(String value, String otherwise) {
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            for (int i = 0; i < node.getInputCount(); i++) {
                if (node.getInput(i).equals(value)) {
                    node.setInput(i, otherwise);
                }
            }
            for (int i = 0; i < node.getOutputCount(); i++) {
                if (node.getOutput(i).equals(value)) {
                    node.setOutput(i, otherwise);
                }
            }
        }
    }

    private String put(String operator, List<String> inputs, AttributeProto... attributes) {
        String output = "foreign_" + first.size();
        first.add(node(operator, inputs, attributes).addOutput(output).build());
        return output;
    }

    private static NodeProto.Builder node(String operator, List<String> inputs, AttributeProto... attributes) {
        return NodeProto.newBuilder().setOpType(operator).addAllInput(inputs).addAllAttribute(List.of(attributes));
    }

    private static AttributeProto axis(int axis) {
        return integer("axis", axis);
    }

    private static AttributeProto to(DataType type) {
        return integer("to", type.getNumber());
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private String longs(long value) {
        return constant(TensorProto.newBuilder()
                .setDataType(DataType.INT64.getNumber())
                .addDims(1)
                .addInt64Data(value));
    }

    private String scalar(long value) {
        return constant(
                TensorProto.newBuilder().setDataType(DataType.INT64.getNumber()).addInt64Data(value));
    }

    private String floats(float value) {
        return constant(TensorProto.newBuilder()
                .setDataType(DataType.FLOAT.getNumber())
                .addDims(1)
                .addFloatData(value));
    }

    private String constant(TensorProto.Builder tensor) {
        String name = "foreign_constant_" + graph.getInitializerCount();
        graph.addInitializer(tensor.setName(name));
        return name;
    }
}

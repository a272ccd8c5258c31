package modelpatch.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.export.OnnxGraph.Value;

/** A node of a graph under construction; it is part of the graph once its outputs are named. */
final class OnnxNode {
    private final GraphProto.Builder graph;
    private final NodeProto.Builder proto = NodeProto.newBuilder();

    OnnxNode(GraphProto.Builder graph, String name, String operator, Value... inputs) {
        this.graph = graph;
        int given = inputs.length;
        while (given > 0 && inputs[given - 1].equals(Value.ABSENT)) {
            given--;
        }
        proto.setOpType(operator).setName(name);
        Stream.of(inputs).limit(given).map(Value::name).forEach(proto::addInput);
    }

    OnnxNode from(String domain) {
        proto.setDomain(domain);
        return this;
    }

    OnnxNode with(String attribute, long value) {
        return with(AttributeProto.newBuilder()
                .setName(attribute)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value));
    }

    OnnxNode with(String attribute, float value) {
        return with(AttributeProto.newBuilder()
                .setName(attribute)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(value));
    }

    OnnxNode with(String attribute, String value) {
        return with(AttributeProto.newBuilder()
                .setName(attribute)
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(value)));
    }

    OnnxNode with(String attribute, long[] values) {
        AttributeProto.Builder list =
                AttributeProto.newBuilder().setName(attribute).setType(AttributeProto.AttributeType.INTS);
        Arrays.stream(values).forEach(list::addInts);
        return with(list);
    }

    private OnnxNode with(AttributeProto.Builder attribute) {
        proto.addAttribute(attribute);
        return this;
    }

    String output() {
        return proto.getName() + "_output";
    }

    Value value() {
        return named(output());
    }

    /** The output under a name that callers of the model see. */
    Value named(String output) {
        graph.addNode(proto.addOutput(output));
        return new Value(output);
    }

    List<Value> values(int count) {
        return values(
                IntStream.range(0, count).mapToObj(i -> output() + "_" + i).toList());
    }

    List<Value> values(List<String> names) {
        graph.addNode(proto.addAllOutput(names));
        return names.stream().map(Value::new).toList();
    }
}

package modelpatch.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.HashMap;
import java.util.Map;
import modelpatch.checkpoint.TensorKind;
import modelpatch.export.OnnxGraph.Value;
import modelpatch.model.DecoderLayout.Linear;

/** A checkpoint's tensors as a graph computes with them: under their own names, in their own orientation, in the form that was asked for. */
final class GraphWeights {
    private final OnnxGraph graph;
    private final PatchedWeights source;
    private final WeightForm form;
    private final Map<String, Value> seen = new HashMap<>();

    GraphWeights(OnnxGraph graph, PatchedWeights source, WeightForm form) {
        this.graph = graph;
        this.source = source;
        this.form = form;
    }

    /** A tensor as float32. */
    Value tensor(String name) {
        return seen.computeIfAbsent(name, unused -> {
            boolean matrix = source.shape(name).size() > 1;
            TensorKind kind = matrix ? form.kind() : TensorKind.F32;
            Value stored = graph.tensor(source.outgoing(name, kind));
            return kind == TensorKind.F32 ? stored : graph.cast(stored, DataType.FLOAT);
        });
    }

    /** x W^T + b, x [rows, d_in] */
    Value linear(Linear linear, Value x) {
        Value bias = linear.bias().map(this::tensor).orElse(Value.ABSENT);
        return graph.gemm(x, tensor(linear.weight()), bias, !linear.transposed());
    }
}

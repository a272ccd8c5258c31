package modelpatch.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.HashMap;
import java.util.Map;
import modelpatch.architecture.Linear;
import modelpatch.checkpoint.TensorKind;
import modelpatch.export.OnnxGraph.Value;

/**
 * A checkpoint's tensors as a graph computes with them: under their own names, in their own orientation, in the form that was asked for. Low-rank
 * changes may stay apart from the weights that they change.
 */
final class GraphWeights {
    private final OnnxGraph graph;
    private final PatchedWeights source;
    private final WeightForm form;
    private final Map<String, LowRankFactors> apart;
    private final Map<String, Value> seen = new HashMap<>();

    /**
     * @param apart changes of linear layers, by the name of the weight, that the source does not hold
     */
    GraphWeights(OnnxGraph graph, PatchedWeights source, WeightForm form, Map<String, LowRankFactors> apart) {
        this.graph = graph;
        this.source = source;
        this.form = form;
        this.apart = apart;
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

    /** x W^T + b, and + (x A^T) B^T where a change stays apart; x [rows, d_in] */
    Value linear(Linear linear, Value x) {
        Value y = form == WeightForm.INT8 && !isEmbedding(linear) ? quantised(linear, x) : multiplied(linear, x);
        LowRankFactors change = apart.get(linear.weight());
        if (change == null) {
            return y;
        }
        Value a = graph.matrix(linear.weight() + ".lora_A", change.rank(), change.dIn(), change.a());
        Value b = graph.matrix(linear.weight() + ".lora_B", change.dOut(), change.rank(), change.b());
        return graph.add(y, graph.gemm(graph.gemm(x, a, Value.ABSENT, true), b, Value.ABSENT, true));
    }

    private Value multiplied(Linear linear, Value x) {
        Value bias = linear.bias().map(name -> part(linear, name)).orElse(Value.ABSENT);
        return graph.gemm(x, part(linear, linear.weight()), bias, !linear.transposed());
    }

    /** A layer's own part of a tensor. */
    private Value part(Linear linear, String name) {
        Value whole = tensor(name);
        return linear.slice().map(slice -> graph.at(whole, slice.index())).orElse(whole);
    }

    private Value quantised(Linear linear, Value x) {
        int dOut = Math.toIntExact(linear.dOut());
        int dIn = Math.toIntExact(linear.dIn());
        String name = linear.weight()
                + linear.slice().map(slice -> "." + slice.index()).orElse("");
        QuantisedMatrix matrix = new QuantisedMatrix(name, dOut, dIn, () -> source.values(linear));
        Value y = graph.matMulNBits(
                x, graph.tensor(matrix.bytes()), graph.tensor(matrix.scales()), dIn, dOut, QuantisedMatrix.BLOCK);
        return linear.bias().map(bias -> graph.add(y, part(linear, bias))).orElse(y);
    }

    /** Whether the weight is looked up in the graph too: a tied unembedding. */
    private boolean isEmbedding(Linear linear) {
        return seen.containsKey(linear.weight());
    }
}

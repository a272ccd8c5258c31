package modelpatch.export;

import java.util.List;
import modelpatch.architecture.Activation;
import modelpatch.architecture.Mlp;
import modelpatch.export.OnnxGraph.Value;

/** MLPs of every kind as parts of a graph. */
final class MlpGraph {
    private final OnnxGraph graph;
    private final GraphWeights weights;

    MlpGraph(OnnxGraph graph, GraphWeights weights) {
        this.graph = graph;
        this.weights = weights;
    }

    /** x [rows, d_model], and so the result. */
    Value apply(Mlp mlp, Value x) {
        return mlp.fold(
                plain -> weights.linear(plain.out(), activation(plain.activation(), weights.linear(plain.in(), x))),
                gated -> weights.linear(
                        gated.out(),
                        graph.multiply(
                                activation(gated.activation(), weights.linear(gated.gate(), x)),
                                weights.linear(gated.in(), x))),
                fused -> {
                    long width = fused.gateAndIn().dOut() / 2;
                    List<Value> parts = graph.split(weights.linear(fused.gateAndIn(), x), 1, width, width);
                    return weights.linear(
                            fused.out(), graph.multiply(activation(fused.activation(), parts.get(0)), parts.get(1)));
                },
                clamped -> weights.linear(clamped.out(), clamped(clamped, weights.linear(clamped.gateAndIn(), x))),
                experts -> new MixtureGraph(graph, weights, this::apply).apply(experts, x));
    }

    private Value clamped(Mlp.ClampedGate gate, Value both) {
        Value bounded = graph.least(graph.everySecond(both, 0, 1), graph.number(gate.limit()));
        Value units = graph.clip(graph.everySecond(both, 1, 1), gate.limit());
        Value share = graph.apply("Sigmoid", graph.multiply(bounded, graph.number(gate.sharpness())));
        return graph.multiply(graph.multiply(bounded, share), graph.add(units, graph.number(1)));
    }

    private Value activation(Activation activation, Value x) {
        return switch (activation) {
            case SILU -> graph.multiply(x, graph.apply("Sigmoid", x));
            case RELU -> graph.apply("Relu", x);
            case GELU -> graph.gelu(x, false);
            case GELU_TANH -> graph.gelu(x, true);
            case QUICK_GELU -> graph.multiply(x, graph.apply("Sigmoid", graph.multiply(x, graph.number(1.702))));
            case SQUARED_RELU -> graph.square(graph.apply("Relu", x));
        };
    }
}

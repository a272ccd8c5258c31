package modelpatch.export;

import modelpatch.architecture.Norm;
import modelpatch.export.OnnxGraph.Value;

/** Norms as parts of a graph; the formulas are {@link modelpatch.family.Switches.NormKind}'s. */
final class NormGraph {
    private final OnnxGraph graph;
    private final GraphWeights weights;
    private final Operators operators;

    NormGraph(OnnxGraph graph, GraphWeights weights, Operators operators) {
        this.graph = graph;
        this.weights = weights;
        this.operators = operators;
    }

    /** x, normed over its last dimension. */
    Value apply(Norm norm, Value x) {
        double epsilon = norm.epsilon();
        return switch (norm.kind()) {
            case RMS -> rmsNorm(x, gain(norm), epsilon);
            case RMS_PLAIN -> rootMeanSquared(x, epsilon);
            case RMS_PLUS_ONE -> rmsNorm(x, onePlus(gain(norm)), epsilon);
            case LAYER, LAYER_GAIN -> layerNorm(norm, x, gain(norm));
            case LAYER_PLUS_ONE -> layerNorm(norm, x, onePlus(gain(norm)));
            case LAYER_PLAIN ->
                graph.layerNorm(x, graph.floats(ones(norm.shape().get(0))), Value.ABSENT, epsilon);
        };
    }

    /** Gains of several heads are multiplied apart: the operator takes one row. */
    private Value layerNorm(Norm norm, Value x, Value gain) {
        if (norm.shape().size() > 1) {
            Value normed = graph.layerNorm(x, graph.floats(ones(norm.shape().get(1))), Value.ABSENT, norm.epsilon());
            return graph.multiply(normed, gain);
        }
        return graph.layerNorm(x, gain, norm.bias().map(weights::tensor).orElse(Value.ABSENT), norm.epsilon());
    }

    private Value gain(Norm norm) {
        if (norm.weights().size() == 1) {
            return weights.tensor(norm.weights().get(0));
        }
        Value[] rows = norm.weights().stream()
                .map(name -> graph.unsqueeze(weights.tensor(name), 0))
                .toArray(Value[]::new);
        return graph.concatenate(0, rows).value();
    }

    private Value onePlus(Value weight) {
        return graph.add(weight, graph.number(1));
    }

    private static float[] ones(long count) {
        float[] ones = new float[Math.toIntExact(count)];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }

    private Value rmsNorm(Value x, Value weight, double epsilon) {
        return operators == Operators.FUSED
                ? graph.rmsNorm(x, weight, epsilon)
                : graph.multiply(rootMeanSquared(x, epsilon), weight);
    }

    /** x / sqrt(mean(x^2) + epsilon) */
    private Value rootMeanSquared(Value x, double epsilon) {
        Value mean = graph.mean(graph.square(x));
        return graph.divide(x, graph.apply("Sqrt", graph.add(mean, graph.number(epsilon))));
    }
}

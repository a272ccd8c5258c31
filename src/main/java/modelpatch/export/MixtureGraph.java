package modelpatch.export;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import modelpatch.architecture.Mlp;
import modelpatch.architecture.Router;
import modelpatch.architecture.Router.Groups;
import modelpatch.export.OnnxGraph.Value;

/** A mixture of experts as a part of a graph: every expert sees the rows that chose it, which may be none. */
final class MixtureGraph {
    /** Below every score. */
    private static final double LEAST = -1e30;

    private final OnnxGraph graph;
    private final GraphWeights weights;
    private final BiFunction<Mlp, Value, Value> mlp;

    /** @param mlp what an MLP makes of rows */
    MixtureGraph(OnnxGraph graph, GraphWeights weights, BiFunction<Mlp, Value, Value> mlp) {
        this.graph = graph;
        this.weights = weights;
        this.mlp = mlp;
    }

    /** x [rows, d_model], and so the result. */
    Value apply(Mlp.Experts experts, Value x) {
        Router router = experts.router();
        List<Value> shares =
                graph.split(shares(router, x), 1, ones(experts.experts().size()));
        List<Value> rows = new ArrayList<>();
        List<Value> outputs = new ArrayList<>();
        for (int expert = 0; expert < shares.size(); expert++) {
            Value own = graph.places(graph.reshape(shares.get(expert), -1));
            Value share = graph.gather(shares.get(expert), own, 0);
            Value read = graph.gather(x, own, 0);
            Mlp one = experts.experts().get(expert);
            rows.add(own);
            outputs.add(
                    router.weighsInput()
                            ? mlp.apply(one, graph.multiply(read, share))
                            : graph.multiply(mlp.apply(one, read), share));
        }
        Value routed = graph.addRows(zeros(x), joined(rows), joined(outputs));
        return experts.shared()
                .map(shared -> graph.add(routed, shared(shared, x)))
                .orElse(routed);
    }

    private Value shared(Mlp.Experts.Shared shared, Value x) {
        Value own = mlp.apply(shared.mlp(), x);
        return shared.gate()
                .map(gate -> graph.multiply(own, graph.apply("Sigmoid", weights.linear(gate, x))))
                .orElse(own);
    }

    /** The weight of every expert for every row, 0 where it is not chosen, [rows, experts]. */
    private Value shares(Router router, Value x) {
        Value logits = weights.linear(router.linear(), x);
        Value scores = switch (router.score()) {
            case SOFTMAX -> graph.softmax(logits);
            case SIGMOID -> graph.apply("Sigmoid", logits);
        };
        Value ranked = router.correction()
                .map(correction -> graph.add(scores, weights.tensor(correction)))
                .orElse(scores);
        Value open = router.groups().map(groups -> open(groups, ranked)).orElse(ranked);
        Value chosen = graph.top(open, router.chosen()).get(1);
        Value share = graph.gatherElements(scores, chosen);
        if (router.normalised()) {
            share = graph.divide(share, graph.sum(share, true));
        }
        if (router.scale() != 1) {
            share = graph.multiply(share, graph.number(router.scale()));
        }
        return graph.scatterElements(zeros(scores), chosen, share);
    }

    /** Scores, {@link #LEAST} in groups that are left out. */
    private Value open(Groups groups, Value ranked) {
        Value grouped = graph.reshape(ranked, 0, groups.count(), -1);
        Value sums = graph.sum(graph.top(grouped, groups.best()).get(0), false);
        Value kept = graph.top(sums, groups.kept()).get(1);
        Value ones = graph.add(zeros(graph.gatherElements(sums, kept)), graph.number(1));
        Value open = graph.scatterElements(zeros(sums), kept, ones);
        Value visible = graph.unsqueeze(graph.above(open, graph.number(0)), 2);
        return graph.reshape(graph.where(visible, grouped, graph.number(LEAST)), 0, -1);
    }

    private Value zeros(Value x) {
        return graph.multiply(x, graph.number(0));
    }

    private Value joined(List<Value> parts) {
        return graph.concatenate(0, parts.toArray(Value[]::new)).value();
    }

    private static long[] ones(int count) {
        long[] ones = new long[count];
        java.util.Arrays.fill(ones, 1);
        return ones;
    }
}

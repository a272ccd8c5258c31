package modelpatch.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import modelpatch.architecture.Mlp;
import modelpatch.architecture.Router;
import modelpatch.architecture.Router.Groups;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/** A mixture of experts: y = sum over the chosen experts e of w_e expert_e(x), each evaluated on the rows that chose it alone. */
final class Mixture {
    private static final Groups ALL = new Groups(1, 1, 1);

    private final Weights weights;
    private final BiFunction<Mlp, Tensor, Tensor> mlp;

    /** @param mlp what an MLP makes of rows */
    Mixture(Weights weights, BiFunction<Mlp, Tensor, Tensor> mlp) {
        this.weights = weights;
        this.mlp = mlp;
    }

    /** x [rows, d_model], and so the result. */
    Tensor apply(Mlp.Experts experts, Tensor x) {
        Routing routing = route(experts.router(), x);
        Tensor sum = routed(experts, routing, x);
        if (experts.shared().isEmpty()) {
            return sum;
        }
        Mlp.Experts.Shared shared = experts.shared().get();
        Tensor own = mlp.apply(shared.mlp(), x);
        return sum.plus(shared.gate()
                .map(gate -> own.times(Engine.run("sigmoid", weights.apply(gate, x))))
                .orElse(own));
    }

    /**
     * Where rows go.
     *
     * @param experts by row and choice
     * @param weights [rows, chosen]
     */
    record Routing(long[] experts, Tensor weights) {}

    Routing route(Router router, Tensor x) {
        Tensor logits = weights.apply(router.linear(), x);
        Tensor scores = Engine.run(
                switch (router.score()) {
                    case SOFTMAX -> "softmax";
                    case SIGMOID -> "sigmoid";
                },
                logits);
        Tensor ranked = router.correction()
                .map(correction -> scores.plus(weights.get(correction)))
                .orElse(scores);
        Groups groups = router.groups().orElse(ALL);
        Tensor chosen = Engine.run(
                "chosen_experts", ranked, (long) groups.count(), (long) groups.kept(), (long) groups.best(), (long)
                        router.chosen());
        Tensor shares = Engine.run("gathered", scores, chosen);
        Tensor normalised = router.normalised() ? Engine.run("normalised", shares) : shares;
        return new Routing(chosen.toLongs(), router.scale() == 1 ? normalised : normalised.times(router.scale()));
    }

    /** Every expert's rows at once, then back in the order of rows and choices. */
    private Tensor routed(Mlp.Experts experts, Routing routing, Tensor x) {
        int chosen = experts.router().chosen();
        boolean weighsInput = experts.router().weighsInput();
        Tensor shares = routing.weights().reshape(-1, 1);
        int[] place = new int[routing.experts().length]; // of every row and choice among what the experts gave
        int given = 0;
        List<Tensor> outputs = new ArrayList<>();
        for (int expert = 0; expert < experts.experts().size(); expert++) {
            int number = expert;
            int[] choices = IntStream.range(0, place.length)
                    .filter(choice -> routing.experts()[choice] == number)
                    .toArray();
            if (choices.length == 0) {
                continue;
            }
            for (int choice : choices) {
                place[choice] = given++;
            }
            Tensor rows =
                    x.rows(IntStream.of(choices).map(choice -> choice / chosen).toArray());
            Tensor read = weighsInput ? rows.times(shares.rows(choices)) : rows;
            outputs.add(mlp.apply(experts.experts().get(expert), read));
        }
        Tensor ordered = Tensor.concatenate(0, outputs.toArray(Tensor[]::new)).rows(place);
        Tensor weighed = weighsInput ? ordered : ordered.times(shares);
        return Engine.run("sum_groups", weighed, (long) chosen);
    }
}

package modelpatch.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import modelpatch.BadInput;
import modelpatch.solve.Columns;
import modelpatch.solve.Gain;
import modelpatch.solve.KeyRows;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;
import modelpatch.solve.Metric;
import modelpatch.solve.SecondMoment;

/**
 * Edits one linear map per layer, lowest first, each on the model that carries the edits below it: for every layer it takes keys and
 * targets, solves, applies, goes on. CREME (arXiv 2402.14328) and its closed-form neighbours differ only in their {@link ClosedForm}.
 */
final class LayerByLayer {
    private final ClosedForm form;
    private final IntFunction<Optional<SecondMoment>> moments;
    private final IntFunction<Columns> columns;

    /**
     * Makes edits by one form, layer after layer, each on what the layers below it have changed.
     *
     * @param form what to do at each layer
     * @param moments the second moment of a layer's keys; the identity stands in where there is none
     * @param columns the inputs that a layer's edit may touch, such as those of its located heads
     */
    LayerByLayer(ClosedForm form, IntFunction<Optional<SecondMoment>> moments, IntFunction<Columns> columns) {
        this.form = form;
        this.moments = moments;
        this.columns = columns;
    }

    /**
     * Edits every layer of the model, which is told of each change.
     *
     * @throws BadInput when a layer has no stable solution
     */
    List<LayerEdit> edit(LayeredModel model) {
        List<LayerEdit> edits = new ArrayList<>();
        for (int layer : model.layers()) {
            LayerEdit edit = editLayer(model, layer);
            model.edited(layer, edit.change());
            edits.add(edit);
        }
        return List.copyOf(edits);
    }

    private LayerEdit editLayer(LayeredModel model, int layer) {
        Observation edited = averaged(model, model.observe(layer, Role.EDIT, form.keys()));
        Observation guide = averaged(model, model.observe(layer, Role.GUIDE, guideView()));
        Matrix targets = targets(model, layer, edited, guide);
        Matrix asked = targets.minus(edited.outputs());
        Matrix movements = asked;

        KeyRows rows = KeyRows.at(model.tensor(layer), columns.apply(layer))
                .move(edited.keys(), times(form.weight(), averaged(model, model.weights(Role.EDIT))));
        List<Matrix> held = new ArrayList<>();
        for (ClosedForm.Protection protection : form.protections()) {
            Observation observation = model.observe(layer, protection.role(), protection.view());
            boolean ofTheCase = protection.role() == Role.GUIDE || protection.role() == Role.EDIT;
            Matrix keys = ofTheCase ? averaged(model, observation).keys() : observation.keys();
            double[] shares = model.weights(protection.role());
            double[] weights =
                    times(protection.weight() / keys.columns(), ofTheCase ? averaged(model, shares) : shares);
            // nothing has moved yet where the lowest edit is made
            if (protection.restored() && layer != model.layers().get(0)) {
                rows.move(keys, weights);
                movements = movements.beside(model.displaced(layer, protection.role()));
            } else {
                rows.hold(keys, weights);
            }
            if (protection.weight() == KeyRows.EXACT) {
                held.add(keys);
            }
        }
        Metric metric = metric(layer, edited.keys());
        Gain gain = rows.solve(metric);
        LowRank change = gain.delta(movements);

        List<String> warnings = new ArrayList<>();
        if (form.target() != ClosedForm.Target.GUIDE_RESIDUAL) {
            gain.singularityWarning(guide.keys(), edited.keys())
                    .ifPresent(warning -> warnings.add(model.tensor(layer) + ": " + warning));
        }
        // rows of finite weight give way to others on purpose: what is promised of them is where the solve says they
        // land
        boolean exact = form.weight() == KeyRows.EXACT;
        Matrix moved = movements.times(gain.shares(edited.keys()));
        Matrix promised = exact ? targets : edited.outputs().plus(moved);
        List<PostCondition> conditions = new ArrayList<>();
        conditions.add(PostCondition.atMost(
                model.tensor(layer) + ": gradient of the least-squares problem, relative",
                1e-8,
                rows.optimality(gain, metric)));
        conditions.addAll(new PostConditions(model.tensor(layer), model.weight(layer), change)
                .check(edited.keys(), promised, held));
        return new LayerEdit(
                layer,
                model.matrix(),
                model.tensor(layer),
                change,
                movements.meanColumnNorm(),
                reach(asked, moved),
                Optional.of(new LayerEdit.Solution(gain, movements)),
                conditions,
                warnings);
    }

    private static double[] times(double factor, double[] values) {
        return Arrays.stream(values).map(value -> factor * value).toArray();
    }

    /** The mean weight of each case, or the weights themselves. */
    private double[] averaged(LayeredModel model, double[] weights) {
        return averaged(model, Matrix.of(1, weights.length, weights)).row(0);
    }

    /** 1 - |wanted - got| / |wanted|, Frobenius; 1 where nothing was wanted. */
    private static double reach(Matrix wanted, Matrix got) {
        double asked = wanted.norm();
        return asked > 0 ? 1 - wanted.minus(got).norm() / asked : 1;
    }

    private View guideView() {
        return form.target() == ClosedForm.Target.LIVE_GUIDE_OUTPUT ? View.LIVE : View.FROZEN;
    }

    /** Where the outputs of the edit rows should be, [d_out, n]. */
    private Matrix targets(LayeredModel model, int layer, Observation edited, Observation guide) {
        Matrix goal;
        double share = form.scale();
        if (form.target() == ClosedForm.Target.GUIDE_RESIDUAL) {
            List<Integer> layers = model.layers();
            int last = layers.get(layers.size() - 1);
            goal = averaged(model, model.residualAfter(last, Role.GUIDE)).minus(edited.residual());
            share /= layers.size() - layers.indexOf(layer);
        } else {
            goal = guide.outputs();
        }
        return edited.outputs().towards(goal, share);
    }

    private Metric metric(int layer, Matrix editKeys) {
        Optional<SecondMoment> moment = moments.apply(layer);
        Optional<Matrix> matrix =
                moment.map(c -> form.momentScaledToKeys() ? c.scaledTo(editKeys.meanSquaredColumnNorm()) : c.matrix());
        return new Metric(matrix, form.lambda(), form.ridge());
    }

    private Observation averaged(LayeredModel model, Observation observation) {
        return new Observation(
                averaged(model, observation.keys()),
                averaged(model, observation.outputs()),
                averaged(model, observation.residual()));
    }

    /** The mean of the columns of each case, or the columns themselves. */
    private Matrix averaged(LayeredModel model, Matrix values) {
        return form.meanOverTemplates() ? values.means(model.cases()) : values;
    }
}

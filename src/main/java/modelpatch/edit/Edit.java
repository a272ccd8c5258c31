package modelpatch.edit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.model.LanguageModel;
import modelpatch.patch.Orientation;
import modelpatch.patch.TensorDelta;

/**
 * What an editor did to a model: the changes, and how well they keep what the plan promised.
 *
 * @param plan what was asked for
 * @param layers what was done, layer by layer
 * @param deltas the same as changes of stored tensors
 */
public record Edit(EditPlan plan, List<LayerEdit> layers, List<TensorDelta> deltas) {
    public Edit {
        layers = List.copyOf(layers);
        deltas = List.copyOf(deltas);
    }

    /** What was done to a model, as its tensors are stored. */
    static Edit of(EditPlan plan, List<LayerEdit> layers, LanguageModel model) {
        Orientation orientation = model.storesTransposed() ? Orientation.IN_OUT : Orientation.OUT_IN;
        return new Edit(
                plan,
                layers,
                layers.stream()
                        .map(edit -> TensorDelta.of(edit.tensor(), edit.change(), orientation))
                        .toList());
    }

    /** The same with all changes by one factor, so that together they have the given norm; no change at all stays none. */
    public Edit scaledTo(double norm) {
        float factor = norm() > 0 ? (float) (norm / norm()) : 1;
        return new Edit(
                plan, layers, deltas.stream().map(delta -> delta.times(factor)).toList());
    }

    /** The edited tensors of the model that the edit was made of. */
    Map<String, float[]> weights(LanguageModel of) {
        Map<String, float[]> weights = new LinkedHashMap<>();
        deltas.forEach(
                delta -> weights.put(delta.tensor(), TensorDelta.apply(of.weight(delta.tensor()), List.of(delta))));
        return weights;
    }

    /** |dW| over all layers, Frobenius. */
    public double norm() {
        double squares = 0;
        for (LayerEdit edit : layers) {
            double norm = edit.change().dense().norm();
            squares += norm * norm;
        }
        return Math.sqrt(squares);
    }

    /** What was promised and what came out, all layers. */
    public List<PostCondition> conditions() {
        List<PostCondition> all = new ArrayList<>();
        layers.forEach(edit -> all.addAll(edit.conditions()));
        return all;
    }

    /** What a careful reader should know, all layers. */
    public List<String> warnings() {
        List<String> all = new ArrayList<>();
        layers.forEach(edit -> all.addAll(edit.warnings()));
        return all;
    }
}

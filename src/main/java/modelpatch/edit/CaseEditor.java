package modelpatch.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.patch.Orientation;
import modelpatch.patch.TensorDelta;
import org.ejml.dense.row.NormOps_DDRM;

/** Makes edits of a model by plan: prompts in, changes of W_O out. The model is never changed. */
public final class CaseEditor {
    private final LanguageModel model;
    private final Protocol protocol;
    private final SecondMoments moments;
    private final Progress progress;
    private final BankKeys bank;

    /**
     * An editor.
     *
     * @param model with whatever patches are on it already; stays the caller's
     * @param protocol whose few-shot prefix stands before every prompt
     * @param moments of W_O's inputs, for the methods that use them
     * @param progress of estimating moments
     */
    public CaseEditor(LanguageModel model, Protocol protocol, SecondMoments moments, Progress progress) {
        this.model = model;
        this.protocol = protocol;
        this.moments = moments;
        this.progress = progress;
        this.bank = new BankKeys(model);
    }

    public LanguageModel model() {
        return model;
    }

    /**
     * Computes an edit in one pass over its prompts.
     *
     * @throws modelpatch.BadInput for a layer that is not there, or where the solve is not stable
     */
    public Edit edit(EditPrompts prompts, EditPlan plan) {
        EditPrompts.Encoded encoded = prompts.encode(model, protocol);
        if (plan.method().usesMoments()) {
            moments.prepare(Set.copyOf(plan.layers()), progress);
        }
        LayerByLayerEditor editor = new LayerByLayerEditor(
                plan.recipe(),
                layer -> plan.method().usesMoments() && plan.lambda() > 0
                        ? Optional.of(moments.at(layer))
                        : Optional.empty(),
                layer -> plan.columns(model, layer));
        try (DecoderLayers layers =
                new DecoderLayers(model, encoded.prefix(), plan.layers(), encoded.ids(), prompts.cases(), bank)) {
            return new Edit(plan, editor.edit(layers), deltasOf(model));
        }
    }

    private static Function<LayerEdit, TensorDelta> deltasOf(LanguageModel model) {
        Orientation orientation = model.storesTransposed() ? Orientation.IN_OUT : Orientation.OUT_IN;
        return edit -> edit.change().toTensorDelta(edit.tensor(), orientation);
    }

    /**
     * A finished edit.
     *
     * @param plan what was asked for
     * @param layers what was done, layer by layer
     * @param deltas the same as changes of stored tensors
     */
    public record Edit(EditPlan plan, List<LayerEdit> layers, List<TensorDelta> deltas) {
        Edit(EditPlan plan, List<LayerEdit> layers, Function<LayerEdit, TensorDelta> delta) {
            this(plan, layers, layers.stream().map(delta).toList());
        }

        /** |dW| over all layers, Frobenius. */
        public double norm() {
            double squares = 0;
            for (LayerEdit edit : layers) {
                double norm = NormOps_DDRM.normF(edit.change().dense());
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
    }
}

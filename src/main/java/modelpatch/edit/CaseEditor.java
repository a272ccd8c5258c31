package modelpatch.edit;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.patch.Orientation;
import modelpatch.patch.TensorDelta;

/** Makes edits of a model by plan: prompts in, changes of weights out. The model is never changed. */
public final class CaseEditor {
    private final LanguageModel model;
    private final Protocol protocol;
    private final Function<EditedMatrix, SecondMoments> moments;
    private final Progress progress;
    private final Map<EditedMatrix, BankKeys> banks = new EnumMap<>(EditedMatrix.class);

    /**
     * Edits one loaded model for the cases it is given; the model itself stays as it is.
     *
     * @param model with whatever patches are on it already; stays the caller's
     * @param protocol whose few-shot prefix stands before every prompt
     * @param moments of a matrix's inputs, for the methods that use them; asked each time
     * @param progress of estimating moments
     */
    public CaseEditor(
            LanguageModel model, Protocol protocol, Function<EditedMatrix, SecondMoments> moments, Progress progress) {
        this.model = model;
        this.protocol = protocol;
        this.moments = moments;
        this.progress = progress;
    }

    public LanguageModel model() {
        return model;
    }

    /**
     * Computes an edit, in one pass over its prompts for each round.
     *
     * @throws modelpatch.BadInput for a layer that is not there, or where the solve is not stable
     */
    public Edit edit(EditPrompts prompts, EditPlan plan) {
        EditPrompts.Encoded encoded = prompts.encode(model, protocol);
        RowWeights weights = RowWeights.alike(encoded.ids());
        Readings frozen = new Readings();
        Edit edit = edit(encoded, prompts.cases(), weights, frozen, plan);
        Optional<LikeliestTokens> goal =
                plan.rounds() > 1 ? Optional.of(LikeliestTokens.of(model, encoded)) : Optional.empty();
        for (int round = 1; round < plan.rounds(); round++) {
            try (LanguageModel edited = model.with(edit.weights(model))) {
                weights = goal.orElseThrow().missedBy(LikeliestTokens.of(edited, encoded), weights);
            }
            edit = edit(encoded, prompts.cases(), weights, frozen, plan);
        }
        return edit;
    }

    private Edit edit(EditPrompts.Encoded encoded, int[] cases, RowWeights weights, Readings frozen, EditPlan plan) {
        boolean usesMoments = plan.method().usesMoments() && plan.lambda() > 0;
        if (usesMoments) {
            moments.apply(plan.matrix()).prepare(Set.copyOf(plan.layers()), progress);
        }
        LayerByLayerEditor editor = new LayerByLayerEditor(
                plan.recipe(),
                layer -> usesMoments ? Optional.of(moments.apply(plan.matrix()).at(layer)) : Optional.empty(),
                layer -> plan.columns(model, layer));
        BankKeys bank = banks.computeIfAbsent(plan.matrix(), matrix -> new BankKeys(model, matrix));
        try (DecoderLayers layers = new DecoderLayers(
                model, plan.matrix(), encoded.prefix(), plan.layers(), encoded.ids(), weights, cases, bank, frozen)) {
            return new Edit(plan, editor.edit(layers), deltasOf(model));
        }
    }

    private static Function<LayerEdit, TensorDelta> deltasOf(LanguageModel model) {
        Orientation orientation = model.storesTransposed() ? Orientation.IN_OUT : Orientation.OUT_IN;
        return edit -> TensorDelta.of(edit.tensor(), edit.change(), orientation);
    }

    /**
     * What an edit came to: the plan and the changes that it asks for, not yet applied to anything.
     *
     * @param plan what was asked for
     * @param layers what was done, layer by layer
     * @param deltas the same as changes of stored tensors
     */
    public record Edit(EditPlan plan, List<LayerEdit> layers, List<TensorDelta> deltas) {
        Edit(EditPlan plan, List<LayerEdit> layers, Function<LayerEdit, TensorDelta> delta) {
            this(plan, layers, layers.stream().map(delta).toList());
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
    }
}

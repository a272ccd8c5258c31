package modelpatch.edit;

import java.util.List;
import java.util.Optional;
import modelpatch.model.LanguageModel;

/**
 * Solves a {@link ClosedForm} layer by layer. Of a plan with several rounds each is solved with more weight on the prompts that the last one
 * did not move, or moved though they were held.
 */
record ClosedFormEditor(ClosedForm form) implements Editor {
    @Override
    public String name() {
        return form.name();
    }

    @Override
    public Numbers numbers() {
        return new Numbers(form.lambda(), form.ridge(), form.scale());
    }

    @Override
    public boolean usesMoments() {
        return form.momentScaledToKeys();
    }

    @Override
    public boolean movesResidual() {
        return form.target() == ClosedForm.Target.GUIDE_RESIDUAL;
    }

    @Override
    public List<LayerEdit> edit(EditRequest request) {
        EditPlan plan = request.plan();
        LanguageModel model = request.model();
        RowWeights weights = RowWeights.alike(request.ids());
        List<LayerEdit> edits = edit(request, weights);
        Optional<LikeliestTokens> goal =
                plan.rounds() > 1 ? Optional.of(LikeliestTokens.of(model, request.encoded())) : Optional.empty();
        for (int round = 1; round < plan.rounds(); round++) {
            try (LanguageModel edited = model.with(Edit.of(plan, edits, model).weights(model))) {
                weights = goal.orElseThrow().missedBy(LikeliestTokens.of(edited, request.encoded()), weights);
            }
            edits = edit(request, weights);
        }
        return edits;
    }

    private List<LayerEdit> edit(EditRequest request, RowWeights weights) {
        EditPlan plan = request.plan();
        LanguageModel model = request.model();
        Optional<SecondMoments> moments =
                usesMoments() && plan.lambda() > 0 ? Optional.of(request.moments()) : Optional.empty();
        LayerByLayer solver = new LayerByLayer(
                form(plan), layer -> moments.map(all -> all.at(layer)), layer -> plan.columns(model, layer));
        try (DecoderLayers layers = new DecoderLayers(request, weights)) {
            return solver.edit(layers);
        }
    }

    /** The form with a plan's numbers. */
    private ClosedForm form(EditPlan plan) {
        // exact protection is an equality: it holds or it is not asked for
        List<ClosedForm.Protection> held = form.protections().stream()
                .filter(one -> plan.hold() > 0)
                .map(one -> one.weighing(one.weight() * plan.hold()))
                .toList();
        return form.with(new Numbers(plan.lambda(), plan.ridge(), plan.scale())).protecting(held);
    }
}

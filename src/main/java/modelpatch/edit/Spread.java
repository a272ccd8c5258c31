package modelpatch.edit;

import java.util.ArrayList;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;

/**
 * Brings the residual stream at some tokens to where it should be behind the last edited layer, by all layers of a plan: lowest first, each on the
 * model that carries the edits below it, each taking its share of what is left (MEMIT, arXiv 2210.07229, equations 18 to 20).
 */
final class Spread {
    private Spread() {}

    /** The edit of one layer. */
    @FunctionalInterface
    interface OfLayer {
        /**
         * @param live the model with the edits below
         * @param movements R [d_model, cases], what the layer's outputs should move by
         */
        LayerEdit edit(LanguageModel live, int layer, Matrix movements);
    }

    /**
     * Edits every layer of the request's plan.
     *
     * @param at where the residual stream is read, the mean over each case's prompts
     * @param goals what it should be behind the last layer, [d_model, cases]
     */
    static List<LayerEdit> over(EditRequest request, MarkedPrompts at, Matrix goals, OfLayer solve) {
        EditPlan plan = request.plan();
        LanguageModel model = request.model();
        Site stream = new Site(Site.Kind.RESIDUAL_POST, last(plan));
        List<LayerEdit> edits = new ArrayList<>();
        for (int layer : plan.layers()) {
            try (LanguageModel live = model.with(Edit.of(plan, edits, model).weights(model))) {
                int left = plan.layers().size() - edits.size();
                Matrix missing = goals.minus(at.mean(live, stream));
                edits.add(solve.edit(live, layer, missing.scaled(1.0 / left)));
            }
        }
        return List.copyOf(edits);
    }

    /** The last layer of a plan. */
    static int last(EditPlan plan) {
        return plan.layers().get(plan.layers().size() - 1);
    }

    /** Whether a block is behind a layer, which reads what is written there. */
    static boolean hasReader(int layer, LanguageModel model) {
        return layer < model.config().nLayers() - 1;
    }

    /** @throws BadInput where no block is behind the last layer, or a norm stands between the matrix and the residual stream */
    static void requireReader(EditPlan plan, LanguageModel model) {
        plan.matrix().requireResidual(model);
        int last = last(plan);
        if (!hasReader(last, model)) {
            throw new BadInput(
                    "no block reads what would be written",
                    "layer " + last + " of " + model.name(),
                    "a layer from 0 to " + (model.config().nLayers() - 2),
                    String.valueOf(last),
                    "take one near the middle");
        }
    }
}

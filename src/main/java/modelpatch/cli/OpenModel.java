package modelpatch.cli;

import java.util.List;
import modelpatch.evaluate.EvaluationReport;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/**
 * The model that a command works on.
 *
 * @param base as its checkpoint stores it
 * @param stack the patches on it, lowest first
 * @param model the base with the patches; the base itself where there are none
 * @param embedded whether it is one of the models under models/
 */
record OpenModel(LanguageModel base, PatchStack stack, LanguageModel model, boolean embedded) implements AutoCloseable {
    static OpenModel of(LanguageModel base, PatchStack stack, boolean embedded) {
        LanguageModel model = stack.isEmpty() ? base : base.with(stack.weights(base.checkpoint()));
        return new OpenModel(base, stack, model, embedded);
    }

    /** Names base and patches together. */
    String digest() {
        return stack.digest(base.digest());
    }

    /** How reports name it. */
    EvaluationReport.Model reported() {
        List<String> patches = stack.patches().stream().map(WeightPatch::id).toList();
        return new EvaluationReport.Model(base.name(), digest(), patches);
    }

    @Override
    public void close() {
        if (!stack.isEmpty()) {
            model.close();
        }
        base.close();
    }
}

package modelpatch.edit;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;

/** A model on which edits are made by plan, with what they have in common: prompts in, changes of weights out. The model is never changed. */
public final class Workbench {
    private final LanguageModel model;
    private final Protocol protocol;
    private final Function<EditedMatrix, SecondMoments> moments;
    private final Progress progress;
    private final Map<EditedMatrix, BankKeys> banks = new EnumMap<>(EditedMatrix.class);

    /**
     * Where edits of one model are made, under one protocol.
     *
     * @param model with whatever patches are on it already; stays the caller's
     * @param protocol whose few-shot prefix stands before every prompt
     * @param moments of a matrix's inputs, for the methods that use them; asked each time
     * @param progress of estimating moments
     */
    public Workbench(
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
     * Has the plan's editor make an edit.
     *
     * @throws modelpatch.BadInput for a layer that is not there, or where there is no stable solution
     */
    public Edit edit(EditPrompts prompts, EditPlan plan) {
        BankKeys bank = banks.computeIfAbsent(plan.matrix(), matrix -> new BankKeys(model, matrix));
        EditRequest request =
                new EditRequest(model, prompts.encode(model, protocol), prompts.cases(), plan, moments, bank, progress);
        return Edit.of(plan, plan.method().editor().edit(request), model);
    }
}

package modelpatch.edit;

import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;

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
     * Announces plans that will be tried, most of them on the same prompts: what they have in common is done once.
     *
     * @throws modelpatch.BadInput when an activation of the text of second moments is not finite
     */
    public void expect(Collection<EditPlan> plans) {
        Map<EditedMatrix, Set<Integer>> layers = new EnumMap<>(EditedMatrix.class);
        for (EditPlan plan : plans) {
            bank(plan.matrix()).runs(model).expect(List.of(plan));
            if (plan.method().editor().usesMoments() && plan.lambda() > 0) {
                layers.computeIfAbsent(plan.matrix(), matrix -> new TreeSet<>()).addAll(plan.layers());
            }
        }
        layers.forEach((matrix, some) -> moments.apply(matrix).prepare(some, progress));
    }

    /**
     * Activations of the unedited model at the last positions of prompts, [columns, n]; what was read before is not run again.
     *
     * @param site what a matrix of its block reads, or the residual stream after it
     */
    Matrix unedited(List<String> asked, EditedMatrix matrix, Site site) {
        PromptEncoder.Parted parted = new PromptEncoder(model, protocol.frame()).parted(asked);
        float[][] rows = bank(matrix)
                .runs(model)
                .at(parted.prefix(), parted.ids(), site.layer(), List.of())
                .get(site.kind());
        return Matrix.ofColumns(rows[0].length, rows);
    }

    private BankKeys bank(EditedMatrix matrix) {
        return banks.computeIfAbsent(matrix, one -> new BankKeys(model, one));
    }

    /**
     * Has the plan's editor make an edit.
     *
     * @throws modelpatch.BadInput for a layer that is not there, or where there is no stable solution
     */
    public Edit edit(EditPrompts prompts, EditPlan plan) {
        return edit(request(prompts, plan));
    }

    /**
     * What an edit would be like, by what the unedited model reads alone: what lower layers do to higher ones is added up, not run. At its
     * first layer it is the edit itself.
     */
    Edit foreseen(EditPrompts prompts, EditPlan plan) {
        return edit(request(prompts, plan).foreseen());
    }

    private Edit edit(EditRequest request) {
        EditPlan plan = request.plan();
        return Edit.of(plan, plan.method().editor().edit(request), model);
    }

    private EditRequest request(EditPrompts prompts, EditPlan plan) {
        BankKeys bank = bank(plan.matrix());
        return new EditRequest(model, prompts.encode(model, protocol), prompts.cases(), plan, moments, bank, progress);
    }
}

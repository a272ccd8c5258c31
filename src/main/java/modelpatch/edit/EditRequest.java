package modelpatch.edit;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import modelpatch.evaluate.Progress;
import modelpatch.model.LanguageModel;

/** What is asked of an {@link Editor}: a model, prompts and the guides that they are to become like, and a plan that says where. */
public final class EditRequest {
    private final LanguageModel model;
    private final EditPrompts.Encoded prompts;
    private final int[] cases;
    private final EditPlan plan;
    private final Function<EditedMatrix, SecondMoments> moments;
    private final BankKeys bank;
    private final Progress progress;

    /**
     * @param cases for each edit prompt the index of its case, ascending from 0
     * @param moments of a matrix's inputs
     * @param bank keys of the plan's matrix of this model, which are remembered from edit to edit
     * @param progress of estimating moments
     */
    EditRequest(
            LanguageModel model,
            EditPrompts.Encoded prompts,
            int[] cases,
            EditPlan plan,
            Function<EditedMatrix, SecondMoments> moments,
            BankKeys bank,
            Progress progress) {
        this.model = model;
        this.prompts = prompts;
        this.cases = cases.clone();
        this.plan = plan;
        this.moments = moments;
        this.bank = bank;
        this.progress = progress;
    }

    /** With whatever patches are on it already; not the editor's to close. */
    public LanguageModel model() {
        return model;
    }

    /** Which matrix, which layers and heads, and how strongly. */
    public EditPlan plan() {
        return plan;
    }

    /** Tokens before every prompt. */
    public int[] prefix() {
        return prompts.prefix();
    }

    /** Token ids of the prompts of a role; those of {@link Role#EDIT} and {@link Role#GUIDE} are parallel. */
    public List<int[]> prompts(Role role) {
        return prompts.ids().getOrDefault(role, List.of());
    }

    /** For each edit prompt (and so for each guide) the index of its case, ascending from 0. */
    public int[] cases() {
        return cases.clone();
    }

    /** Second moments of what the plan's matrix reads, at all of its layers; estimated now where nobody has asked for them before. */
    public SecondMoments moments() {
        SecondMoments all = moments.apply(plan.matrix());
        all.prepare(Set.copyOf(plan.layers()), progress);
        return all;
    }

    EditPrompts.Encoded encoded() {
        return prompts;
    }

    Map<Role, List<int[]>> ids() {
        return prompts.ids();
    }

    BankKeys bank() {
        return bank;
    }
}

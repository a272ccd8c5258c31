package modelpatch.edit;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
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
    private final boolean forecast;

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
        this(model, prompts, cases, plan, moments, bank, progress, false);
    }

    private EditRequest(
            LanguageModel model,
            EditPrompts.Encoded prompts,
            int[] cases,
            EditPlan plan,
            Function<EditedMatrix, SecondMoments> moments,
            BankKeys bank,
            Progress progress,
            boolean forecast) {
        this.model = model;
        this.prompts = prompts;
        this.cases = cases.clone();
        this.plan = plan;
        this.moments = moments;
        this.bank = bank;
        this.progress = progress;
        this.forecast = forecast;
    }

    /** The same where the edit is only to be foreseen: an editor may add up what its lower layers do instead of running the model. */
    EditRequest foreseen() {
        return new EditRequest(model, prompts, cases, plan, moments, bank, progress, true);
    }

    boolean isForecast() {
        return forecast;
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

    /**
     * For each prompt of a role the position of the token that ends the first hops' phrase, or the bridge's name where the role names it;
     * -1 for a prompt without either.
     */
    public int[] ends(Role role) {
        return prompts.ends().get(role).clone();
    }

    /** Second moments of what the plan's matrix reads, at all of its layers; estimated now where nobody has asked for them before. */
    public SecondMoments moments() {
        SecondMoments all = moments.apply(plan.matrix());
        all.prepare(Set.copyOf(plan.layers()), progress);
        return all;
    }

    /** For each prompt that mentions a phrase the index of its case. */
    public int[] mentionCases() {
        return prompts.mentionCases().clone();
    }

    /** For each edit prompt the same with its answer; empty for an editor that is told none. */
    List<EditPrompts.Told> told() {
        return prompts.told();
    }

    /** The same for another model and plan. */
    EditRequest with(LanguageModel other, EditPlan otherPlan) {
        return new EditRequest(other, prompts, cases, otherPlan, moments, bank, progress, forecast);
    }

    /** The same with the edit prompts of some cases alone. */
    EditRequest only(Set<Integer> some) {
        int[] kept = IntStream.range(0, cases.length)
                .filter(i -> some.contains(cases[i]))
                .toArray();
        List<Integer> order = List.copyOf(new TreeSet<>(some));
        int[] indices = IntStream.of(kept).map(i -> order.indexOf(cases[i])).toArray();
        return new EditRequest(model, prompts.withRows(kept), indices, plan, moments, bank, progress, forecast);
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

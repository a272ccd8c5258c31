package modelpatch.repair;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.FurtherProbes;
import modelpatch.evaluate.Knowledge;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Tally;
import modelpatch.guard.ChangeSize;
import modelpatch.guard.Drift;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.GateEvidence;
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;

/**
 * Judges remedies of one base model: every set before and after, drift, gates. Before is always the base without any patch, so a patch on a
 * stack is judged with all that is below it. What the base answers is asked once.
 */
public final class Judge {
    private final Examiner before;
    private final Knowledge knowledge;
    private final CaseSuite suite;
    private final Gates gates;
    private final DriftMeter drift;
    private final ClusterBootstrap bootstrap;
    private final List<CompositionalCase> earlier;

    /**
     * Judges patches of one base by the limits given, asking it and the patched model the same questions.
     *
     * @param before asks the base
     * @param knowledge of the base
     * @param gates the limits
     * @param drift of the base
     * @param earlier the cases that patches below have repaired
     */
    public Judge(
            Examiner before,
            Knowledge knowledge,
            CaseSuite suite,
            Gates gates,
            DriftMeter drift,
            ClusterBootstrap bootstrap,
            List<CompositionalCase> earlier) {
        this.before = before;
        this.knowledge = knowledge;
        this.suite = suite;
        this.gates = gates;
        this.drift = drift;
        this.bootstrap = bootstrap;
        this.earlier = List.copyOf(earlier);
    }

    /** The primary composition of a case as an item of the correction set. */
    Probe correction(CompositionalCase one) {
        Query primary = Query.first(one.compositions(), before.protocol().form())
                .orElseThrow(() -> new IllegalArgumentException(one.id() + " has no prompt of the protocol's form"));
        return new Probe(EditSet.CORRECTION, one.id(), one.id(), one.bridge(), Question.of(primary, one.answers()));
    }

    public Gates gates() {
        return gates;
    }

    public Protocol protocol() {
        return before.protocol();
    }

    /** The same judge with other limits. */
    public Judge with(Gates others) {
        return new Judge(before, knowledge, suite, others, drift, bootstrap, earlier);
    }

    /**
     * What came out.
     *
     * @param evaluation every item before and after
     * @param sets its tables
     * @param earlier what patches below had repaired; before is the model with those patches
     * @param change how large it is; empty where it is of no concern
     * @param gates what each gate says
     * @param verdict what they say together
     */
    public record Judgement(
            PairedEvaluation evaluation,
            Map<EditSet, SetOutcome> sets,
            Optional<SetOutcome> earlier,
            Optional<Drift> drift,
            Optional<ChangeSize> change,
            List<GateResult> gates,
            GateResult.State verdict) {
        public boolean passed() {
            return verdict == GateResult.State.PASSED;
        }

        /** Ids of edited cases whose own primary prompt is right now. */
        public Set<String> corrected() {
            Set<String> right = new HashSet<>();
            for (PairedEvaluation.Item item : evaluation.items()) {
                if (item.probe().set() == EditSet.CORRECTION && item.after().right()) {
                    right.add(item.probe().edited());
                }
            }
            return right;
        }
    }

    /** The items by which an edit of some cases is judged. */
    public List<Probe> probes(EditProbes kind, List<CompositionalCase> cases) {
        return knowledge.probes(kind, suite, cases);
    }

    /** Single facts that have nothing to do with cases, which an edit of many breaks sooner than compositions. */
    List<Probe> factsAtRandom(EditProbes kind, List<CompositionalCase> cases, int most) {
        List<Probe> facts = new FurtherProbes(kind, List.of()).facts(EditSet.SPECIFICITY_RANDOM, suite, cases);
        return facts.subList(0, Math.min(most, facts.size()));
    }

    /**
     * Judges a remedy by its answers.
     *
     * @param answers of the remedy, or of what stands between the judge and them
     * @param without what there is without it; where it has repaired something already, that is asked too
     * @param measuresDrift whether drift is measured too
     */
    public Judgement judge(
            AnswerModel answers, Remedy without, List<Probe> probes, boolean measuresDrift, Progress progress) {
        return judge(answers, without, probes, measuresDrift, Optional.empty(), progress);
    }

    /** As {@link #judge(AnswerModel, Remedy, List, boolean, Progress)}, of a change of weights that is so large. */
    Judgement judge(
            AnswerModel answers,
            Remedy without,
            List<Probe> probes,
            boolean measuresDrift,
            Optional<ChangeSize> change,
            Progress progress) {
        Examiner after = examiner(answers);
        PairedEvaluation evaluation = PairedEvaluation.of(probes, before, after, progress);
        Optional<SetOutcome> repairs = earlier.isEmpty()
                ? Optional.empty()
                : Optional.of(PairedEvaluation.of(
                                earlier.stream().map(this::correction).toList(),
                                examiner(without.answers()),
                                after,
                                Progress.UNWATCHED)
                        .sets(bootstrap)
                        .get(EditSet.CORRECTION));
        Optional<Drift> moved = measuresDrift ? Optional.of(drift.measure(answers)) : Optional.empty();
        return judgement(evaluation, repairs, moved, change);
    }

    private Examiner examiner(AnswerModel answers) {
        return before.like(answers);
    }

    /** Judges what is evaluated already, such as the pooled items of many patches. */
    Judgement judgement(
            PairedEvaluation evaluation,
            Optional<SetOutcome> repairs,
            Optional<Drift> moved,
            Optional<ChangeSize> change) {
        Map<EditSet, SetOutcome> sets = evaluation.sets(bootstrap);
        List<GateResult> results = gates.judge(GateEvidence.of(sets, repairs, moved, change));
        return new Judgement(evaluation, sets, repairs, moved, change, results, gates.verdict(results));
    }

    /**
     * The same tables under verdicts that rest on more items: the sets whose gates are open are asked on, until there are enough items for a
     * verdict or no more to ask. Each is judged at most twice, by its table and by all that was asked; a limit of its interval holds at
     * 97.5 %, so that a wrong verdict is less likely than one in twenty.
     *
     * @param answers of the remedy
     * @param cases that it is for
     * @param further what can be asked
     * @param most questions of a set
     * @param scorable leaves out what the remedy was made from
     */
    Judgement decided(
            Judgement first,
            AnswerModel answers,
            List<CompositionalCase> cases,
            FurtherProbes further,
            int most,
            UnaryOperator<List<Probe>> scorable) {
        Set<EditSet> open = first.verdict() == GateResult.State.UNDECIDED ? gates.open(first.gates()) : Set.of();
        if (open.isEmpty() || most == 0) {
            return first;
        }
        Set<String> asked = new HashSet<>();
        first.evaluation()
                .items()
                .forEach(item -> asked.add(item.probe().question().prompt()));
        Set<CompositionalCase> known = knowledge.knowingLastHopAround(suite, cases);
        GateEvidence evidence = new FurtherEvidence(before, examiner(answers), knowledge, gates)
                .of(
                        GateEvidence.of(first.sets(), first.earlier(), first.drift(), first.change()),
                        open,
                        set -> scorable.apply(further.of(set, suite, cases, asked, known)),
                        most);
        List<GateResult> results = gates.judge(evidence);
        return new Judgement(
                first.evaluation(),
                first.sets(),
                first.earlier(),
                first.drift(),
                first.change(),
                results,
                gates.verdict(results));
    }

    /** Of the edited prompts that are right after a change, those that stay so when the changed tensors are stored in eight bits. */
    Tally quantised(LanguageModel base, PatchStack below, List<TensorDelta> deltas, PairedEvaluation evaluation) {
        return Sizing.quantised(base, below, deltas, evaluation, before);
    }

    /** The items of some edited cases alone. */
    static PairedEvaluation only(PairedEvaluation evaluation, Set<String> edited) {
        List<PairedEvaluation.Item> items = new ArrayList<>(evaluation.items());
        items.removeIf(item -> !edited.contains(item.probe().edited()));
        return new PairedEvaluation(evaluation.protocol(), items);
    }
}

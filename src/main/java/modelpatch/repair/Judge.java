package modelpatch.repair;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Knowledge;
import modelpatch.evaluate.PairedEvaluation;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.SetOutcome;
import modelpatch.guard.Drift;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;
import modelpatch.model.AnswerModel;

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
     * @param gates the verdicts
     */
    public record Judgement(
            PairedEvaluation evaluation,
            Map<EditSet, SetOutcome> sets,
            Optional<SetOutcome> earlier,
            Optional<Drift> drift,
            List<GateResult> gates) {
        public boolean passed() {
            return Gates.allPassed(gates);
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
        List<CompositionalCase> candidates = cases.stream()
                .flatMap(one -> suite.generalisation(one).stream())
                .distinct()
                .toList();
        Set<CompositionalCase> known = Set.copyOf(knowledge.knowingLastHop(candidates));
        return kind.of(suite, cases, known::contains);
    }

    /**
     * Judges a remedy.
     *
     * @param without what there is without it; where it has repaired something already, that is asked too
     * @param measuresDrift whether drift is measured too
     */
    public Judgement judge(
            Remedy remedy, Remedy without, List<Probe> probes, boolean measuresDrift, Progress progress) {
        return judge(remedy.answers(), without, probes, measuresDrift, progress);
    }

    /** As {@link #judge(Remedy, Remedy, List, boolean, Progress)}, asking what stands between the judge and a remedy's answers. */
    public Judgement judge(
            AnswerModel answers, Remedy without, List<Probe> probes, boolean measuresDrift, Progress progress) {
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
        return judgement(evaluation, repairs, moved);
    }

    private Examiner examiner(AnswerModel answers) {
        return new Examiner(answers, before.protocol(), before.batchSize());
    }

    /** Judges what is evaluated already, such as the pooled items of many patches. */
    public Judgement judgement(PairedEvaluation evaluation, Optional<SetOutcome> repairs, Optional<Drift> moved) {
        Map<EditSet, SetOutcome> sets = evaluation.sets(bootstrap);
        return new Judgement(evaluation, sets, repairs, moved, gates.judge(sets, repairs, moved));
    }

    /** The items of some edited cases alone. */
    static PairedEvaluation only(PairedEvaluation evaluation, Set<String> edited) {
        List<PairedEvaluation.Item> items = new ArrayList<>(evaluation.items());
        items.removeIf(item -> !edited.contains(item.probe().edited()));
        return new PairedEvaluation(evaluation.protocol(), items);
    }
}

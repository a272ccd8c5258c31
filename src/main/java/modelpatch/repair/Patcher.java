package modelpatch.repair;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import modelpatch.cases.CompositionalCase;
import modelpatch.edit.Edit;
import modelpatch.edit.EditPlan;
import modelpatch.edit.EditPrompts;
import modelpatch.edit.MovementCheck;
import modelpatch.edit.PromptMaker;
import modelpatch.edit.Workbench;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.FurtherProbes;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Tally;
import modelpatch.guard.ChangeSize;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;

/**
 * Repairs failures of one model: one case by its own patch, or many by one patch. Choices rest on validation templates, results on test
 * templates. The base is never changed; every trial is a view of it.
 */
final class Patcher {
    /** Cases of a joint patch whose neighbours are asked after every step; the finished patch is judged on those of all. */
    private static final int WATCHED = 80;

    /** A joint patch must keep this share of every limit on validation templates, so that it keeps the limit on test templates too. */
    private static final double MARGIN = 0.9;

    /** Items of each other set that a joint patch is watched by: with fewer, a single one that flips would exceed a limit of some per cent. */
    private static final int WATCHED_ITEMS = 640;

    private static final int WATCHED_FACTS = 240;

    /** Probes on which the predicted movement is compared with the observed one. */
    private static final int PREDICTED = 32;

    private final LanguageModel base;
    private final PatchStack below;
    private final Workbench bench;
    private final Judge judge;
    private final PromptMaker prompts;
    private final EditProbes validation;
    private final EditProbes test;
    private final FurtherProbes further;
    private final int evidence;

    /**
     * Makes patches for cases of one base and judges each on items that it was not made from.
     *
     * @param base without any patch; stays the caller's
     * @param below patches that the new one is made on top of
     * @param bench with the base and those patches on it
     * @param judge of the base
     * @param validation draws up the items that choices rest on
     * @param test draws up the items that results come from
     * @param contexts texts that a test prompt may stand in, where a verdict needs more items
     * @param evidence questions of a set at most that are asked for a verdict beside those of the tables
     */
    Patcher(
            LanguageModel base,
            PatchStack below,
            Workbench bench,
            Judge judge,
            PromptMaker prompts,
            EditProbes validation,
            EditProbes test,
            List<String> contexts,
            int evidence) {
        this.base = base;
        this.below = below;
        this.bench = bench;
        this.judge = judge;
        this.prompts = prompts;
        this.validation = validation;
        this.test = test;
        this.further = new FurtherProbes(test, contexts);
        this.evidence = evidence;
    }

    /** The model without any patch. */
    LanguageModel base() {
        return base;
    }

    /**
     * One patch for many cases.
     *
     * @param repair empty where no case could be taken
     * @param leftOut the cases that are not in it
     */
    record Together(Optional<Repaired> repair, List<RepairDocument.LeftOutCase> leftOut) {
        Together {
            leftOut = List.copyOf(leftOut);
        }
    }

    Judge judge() {
        return judge;
    }

    /** Announces the plans of a search, see {@link Workbench#expect}. */
    void expect(List<EditPlan> plans) {
        bench.expect(plans);
    }

    /**
     * Repairs one case by the first plan that leaves nothing to wish for on its validation prompts, or else by the best of all.
     *
     * @param plans in order of preference
     */
    Repaired one(CompositionalCase one, List<EditPlan> plans) {
        EditPlan chosen = plans.get(0);
        if (plans.size() > 1) {
            PlanScore best = null;
            for (EditPlan plan : plans) {
                PlanScore score = PlanScore.of(
                        attempt(List.of(one), plan, validation, false).judgement(), judge.gates());
                if (best == null || PlanScore.BEST_FIRST.compare(score, best) < 0) {
                    best = score;
                    chosen = plan;
                }
                if (score.perfect()) {
                    break;
                }
            }
        }
        return result(List.of(one), chosen);
    }

    /** Edits cases by a plan and judges them on test templates, drift and movement included. */
    Repaired result(List<CompositionalCase> cases, EditPlan plan) {
        return decided(attempt(cases, plan, test, true), cases);
    }

    /** Edits choose cases by a plan, all together, and scores it on validation templates; for a search. */
    PlanScore trial(List<CompositionalCase> cases, EditPlan plan) {
        return PlanScore.of(watched(cases, plan), judge.gates().tightened(MARGIN), true);
    }

    /**
     * As {@link #trial(List, EditPlan)}, each case alone.
     *
     * @param made the repairs of the first cases that are there already; those of the others are added
     */
    PlanScore trial(List<CompositionalCase> cases, EditPlan plan, List<Repaired> made) {
        for (CompositionalCase one : cases.subList(made.size(), cases.size())) {
            made.add(attempt(List.of(one), plan, validation, true));
        }
        return PlanScore.of(pooled(made), judge.gates());
    }

    /** The items of many repairs in one table; drift is the mean. */
    Judge.Judgement pooled(List<Repaired> repairs) {
        return Pooling.of(judge, repairs);
    }

    /** The probes that an edit by this plan leaves fit to be scored. */
    List<Probe> scorable(List<CompositionalCase> cases, EditPlan plan, List<Probe> probes) {
        return prompts.of(cases, plan).scorable(probes);
    }

    private Repaired attempt(List<CompositionalCase> cases, EditPlan plan, EditProbes kind, boolean measuresDrift) {
        return attempt(cases, plan, kind, measuresDrift, one -> one, edit -> edit);
    }

    /**
     * Edits and judges.
     *
     * @param donor whose guides are the targets
     * @param control what becomes of the edit before it is applied
     */
    Repaired attempt(
            List<CompositionalCase> cases,
            EditPlan plan,
            EditProbes kind,
            boolean measuresDrift,
            Function<CompositionalCase, CompositionalCase> donor,
            UnaryOperator<Edit> control) {
        EditPrompts fed = prompts.of(cases, plan, donor);
        List<Probe> probes = scored(fed, judge.probes(kind, cases));
        Edit edit = control.apply(bench.edit(fed, plan));
        boolean result = kind.equals(test) && measuresDrift;
        try (Patched patched = Patched.of(base, below, edit.deltas())) {
            Judge.Judgement judgement = judge.judge(
                    patched.answers(),
                    without(),
                    probes,
                    measuresDrift,
                    Optional.of(Sizing.of(base, edit.deltas())),
                    Progress.UNWATCHED);
            return new Repaired(
                    cases,
                    edit,
                    judgement,
                    patched.footprint(),
                    result ? movement(patched.answers(), edit, probes) : Optional.empty(),
                    result
                            ? CremeReading.of(base, patched.answers(), judge.protocol(), judgement.evaluation())
                            : List.of());
        }
    }

    /**
     * A repair under its final verdicts: whether eight bits leave it, and more items where the tables cannot decide.
     *
     * @param rows the cases that the edit was made from
     */
    private Repaired decided(Repaired repair, List<CompositionalCase> rows) {
        EditPrompts fed = prompts.of(rows, repair.edit().plan());
        List<TensorDelta> deltas = repair.edit().deltas();
        try (Patched patched = Patched.of(base, below, deltas)) {
            Judge claiming = judge.with(judge.gates()
                    .claiming(repair.edit().plan().method().editor().claims()));
            return repair.under(decided(claiming, repair.judgement(), patched, deltas, repair.cases(), fed::scorable));
        }
    }

    private Judge.Judgement decided(
            Judge by,
            Judge.Judgement judgement,
            Patched patched,
            List<TensorDelta> deltas,
            List<CompositionalCase> cases,
            UnaryOperator<List<Probe>> scorable) {
        ChangeSize size = judgement.change().orElseThrow();
        Tally kept = by.quantised(base, below, deltas, judgement.evaluation());
        Judge.Judgement whole = by.judgement(
                judgement.evaluation(),
                judgement.earlier(),
                judgement.drift(),
                Optional.of(new ChangeSize(size.relativeNorm(), size.rankShare(), Optional.of(kept))));
        return by.decided(whole, patched.answers(), cases, further, evidence, scorable);
    }

    /** Judges a change that no editor made, on test templates. */
    Judge.Judgement judged(List<TensorDelta> deltas, List<CompositionalCase> cases) {
        try (Patched patched = Patched.of(base, below, deltas)) {
            Judge.Judgement judgement = judge.judge(
                    patched.answers(),
                    without(),
                    judge.probes(test, cases),
                    true,
                    Optional.of(Sizing.of(base, deltas)),
                    Progress.UNWATCHED);
            return decided(judge, judgement, patched, deltas, cases, UnaryOperator.identity());
        }
    }

    private Optional<MovementCheck> movement(LanguageModel patched, Edit edit, List<Probe> probes) {
        List<String> unseen = probes.stream()
                .filter(probe -> probe.set() != EditSet.CORRECTION)
                .map(probe -> probe.question().prompt())
                .limit(PREDICTED)
                .toList();
        return unseen.isEmpty()
                ? Optional.empty()
                : Optional.of(MovementCheck.of(bench.model(), patched, edit, judge.protocol(), unseen));
    }

    /**
     * Repairs as many cases as the gates allow by one patch, see {@link Selection}. The result is judged on test templates.
     *
     * @param cases in the order in which they may stay
     * @param reported ids of the cases that results may come from
     * @param progress counts cases that are decided
     */
    Together together(List<CompositionalCase> cases, EditPlan plan, Set<String> reported, Progress progress) {
        Selection selection = new Selection(this, plan, progress);
        Selection.Selected selected = selection.of(cases);
        if (selected.taken().isEmpty()) {
            return new Together(Optional.empty(), selection.leftOut());
        }
        Repaired all = attempt(selected.rows(), plan, test, true);
        Set<String> shown = selected.taken().stream()
                .map(CompositionalCase::id)
                .filter(reported::contains)
                .collect(Collectors.toSet());
        Judge.Judgement judgement = judge.judgement(
                Judge.only(all.judgement().evaluation(), shown),
                all.judgement().earlier(),
                all.judgement().drift(),
                all.judgement().change());
        List<CremeReading> creme = all.creme().stream()
                .filter(reading -> shown.contains(reading.probe().caseId()))
                .toList();
        Repaired taken = new Repaired(selected.taken(), all.edit(), judgement, all.footprint(), all.movement(), creme);
        return new Together(Optional.of(decided(taken, selected.rows())), selection.leftOut());
    }

    /** One patch of many cases under limits that leave room: the edited prompts of all, every other set of the first of them. */
    Judge.Judgement watched(List<CompositionalCase> cases, EditPlan plan) {
        EditPrompts fed = prompts.of(cases, plan);
        List<CompositionalCase> some = cases.subList(0, Math.min(WATCHED, cases.size()));
        List<Probe> probes = new ArrayList<>(
                judge.probes(validation.withPerSet(Math.max(validation.perSet(), WATCHED_ITEMS / some.size())), some));
        probes.removeIf(probe -> probe.set() == EditSet.CORRECTION);
        cases.forEach(one -> probes.add(judge.correction(one)));
        probes.addAll(judge.factsAtRandom(validation, cases, WATCHED_FACTS));
        List<Probe> scored = scored(fed, probes);
        List<TensorDelta> deltas = bench.edit(fed, plan).deltas();
        try (Patched patched = Patched.of(base, below, deltas)) {
            return judge.with(judge.gates().tightened(MARGIN))
                    .judge(
                            patched.answers(),
                            without(),
                            scored,
                            true,
                            Optional.of(Sizing.of(base, deltas)),
                            Progress.UNWATCHED);
        }
    }

    /** What can be scored after an edit, none of which it has seen. */
    private static List<Probe> scored(EditPrompts fed, List<Probe> probes) {
        List<Probe> scored = fed.scorable(probes);
        fed.requireUnscored(scored);
        return scored;
    }

    /** The model as it is without the new patch. */
    private Remedy without() {
        return Remedy.none(bench.model());
    }
}

package modelpatch.edit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Progress;
import modelpatch.guard.GateResult;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;

/**
 * Repairs failures of one model: one case by its own patch, or many by one patch. Choices rest on validation templates, results on test
 * templates. The base is never changed; every trial is a view of it.
 */
public final class Patcher {
    /** Cases that are added to a growing patch at a time. */
    private static final int CHUNK = 8;

    /** A growing patch must keep this share of every limit on validation templates, so that it keeps the limit on test templates too. */
    private static final double MARGIN = 0.8;

    private final LanguageModel base;
    private final PatchStack below;
    private final CaseEditor editor;
    private final Judge judge;
    private final PromptMaker prompts;
    private final EditProbes validation;
    private final EditProbes test;

    /**
     * A patcher.
     *
     * @param base without any patch; stays the caller's
     * @param below patches that the new one is made on top of
     * @param editor of the base with those patches
     * @param judge of the base
     * @param validation draws up the items that choices rest on
     * @param test draws up the items that results come from
     */
    public Patcher(
            LanguageModel base,
            PatchStack below,
            CaseEditor editor,
            Judge judge,
            PromptMaker prompts,
            EditProbes validation,
            EditProbes test) {
        this.base = base;
        this.below = below;
        this.editor = editor;
        this.judge = judge;
        this.prompts = prompts;
        this.validation = validation;
        this.test = test;
    }

    /**
     * An edit of some cases and what came of it.
     *
     * @param cases the edited ones
     * @param movement empty where it was not measured
     */
    public record Repair(
            List<CompositionalCase> cases,
            CaseEditor.Edit edit,
            Judge.Judgement judgement,
            Optional<MovementCheck> movement) {
        public Repair {
            cases = List.copyOf(cases);
        }
    }

    /** A case that is not in the patch, and the reason. */
    public record LeftOut(String id, String why) {}

    /**
     * One patch for many cases.
     *
     * @param repair empty where no case could be taken
     * @param leftOut the cases that are not in it
     */
    public record Together(Optional<Repair> repair, List<LeftOut> leftOut) {
        public Together {
            leftOut = List.copyOf(leftOut);
        }
    }

    public Judge judge() {
        return judge;
    }

    /** The unpatched model, or that with the patches below. */
    public LanguageModel edited() {
        return editor.model();
    }

    /**
     * Repairs one case by the first plan that leaves nothing to wish for on its validation prompts, or else by the best of all.
     *
     * @param plans in order of preference
     */
    public Repair one(CompositionalCase one, List<EditPlan> plans) {
        EditPlan chosen = plans.get(0);
        if (plans.size() > 1) {
            Score best = null;
            for (EditPlan plan : plans) {
                Score score =
                        Score.of(attempt(List.of(one), plan, validation, false).judgement());
                if (best == null || Score.BEST_FIRST.compare(score, best) < 0) {
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
    public Repair result(List<CompositionalCase> cases, EditPlan plan) {
        return attempt(cases, plan, test, true);
    }

    /** Edits choose cases by a plan, each alone, and judges them on validation templates; for a search. */
    Judge.Judgement trial(List<CompositionalCase> cases, EditPlan plan, boolean jointly) {
        if (jointly) {
            return attempt(cases, plan, validation, true).judgement();
        }
        List<Repair> repairs = cases.stream()
                .map(one -> attempt(List.of(one), plan, validation, true))
                .toList();
        return pooled(repairs);
    }

    /** The items of many repairs in one table; drift is the mean. */
    public Judge.Judgement pooled(List<Repair> repairs) {
        return Pooling.of(judge, repairs);
    }

    private Repair attempt(List<CompositionalCase> cases, EditPlan plan, EditProbes kind, boolean measuresDrift) {
        return attempt(cases, plan, kind, measuresDrift, one -> one, edit -> edit.deltas());
    }

    /**
     * Edits and judges.
     *
     * @param donor whose guides are the targets
     * @param deltas what becomes of the edit's changes before they are applied
     */
    Repair attempt(
            List<CompositionalCase> cases,
            EditPlan plan,
            EditProbes kind,
            boolean measuresDrift,
            Function<CompositionalCase, CompositionalCase> donor,
            Function<CaseEditor.Edit, List<TensorDelta>> deltas) {
        EditPrompts fed = prompts.of(cases, plan, donor);
        List<Probe> probes = fed.scorable(judge.probes(kind, cases));
        fed.requireUnscored(probes);
        CaseEditor.Edit edit = editor.edit(fed, plan);
        edit = new CaseEditor.Edit(edit.plan(), edit.layers(), deltas.apply(edit));
        try (LanguageModel patched = base.with(weights(edit.deltas()))) {
            Optional<LanguageModel> under = below.isEmpty() ? Optional.empty() : Optional.of(editor.model());
            Judge.Judgement judgement = judge.judge(patched, under, probes, measuresDrift, Progress.UNWATCHED);
            Optional<MovementCheck> movement = Optional.empty();
            if (kind.equals(test) && measuresDrift) {
                List<String> unseen = probes.stream()
                        .filter(probe -> probe.set() != EditSet.CORRECTION)
                        .map(probe -> probe.question().prompt())
                        .limit(32)
                        .toList();
                movement = unseen.isEmpty()
                        ? Optional.empty()
                        : Optional.of(MovementCheck.of(editor.model(), patched, edit, judge.protocol(), unseen));
            }
            return new Repair(cases, edit, judgement, movement);
        }
    }

    /** The tensors of the base with the patches below and some changes on top: the very bytes that the stack will have. */
    Map<String, float[]> weights(List<TensorDelta> deltas) {
        Set<String> names = new LinkedHashSet<>();
        below.patches().forEach(patch -> patch.deltas().forEach(delta -> names.add(delta.tensor())));
        deltas.stream().filter(delta -> delta.rank() > 0).forEach(delta -> names.add(delta.tensor()));
        Map<String, float[]> weights = new LinkedHashMap<>();
        for (String name : names) {
            List<TensorDelta> all = new ArrayList<>(below.deltas(name));
            deltas.stream()
                    .filter(delta -> delta.tensor().equals(name) && delta.rank() > 0)
                    .forEach(all::add);
            weights.put(name, TensorDelta.apply(base.weight(name), all));
        }
        return weights;
    }

    /**
     * Repairs as many cases as the gates allow by one patch. Cases come in chunks; a chunk with which a gate fails is split until single
     * cases are left out; a case that a chunk does not correct is left out of it. The result is judged on test templates and on the given
     * cases alone.
     *
     * @param cases in the order in which they are tried
     * @param reported ids of the cases that results may come from
     * @param progress counts cases that are decided
     */
    public Together together(List<CompositionalCase> cases, EditPlan plan, Set<String> reported, Progress progress) {
        List<CompositionalCase> taken = new ArrayList<>();
        List<LeftOut> leftOut = new ArrayList<>();
        Judge strict = judge.with(judge.gates().tightened(MARGIN));
        Deque<List<CompositionalCase>> open = new ArrayDeque<>();
        for (int from = 0; from < cases.size(); from += CHUNK) {
            open.add(cases.subList(from, Math.min(cases.size(), from + CHUNK)));
        }
        while (!open.isEmpty()) {
            progress.at(taken.size() + leftOut.size(), cases.size());
            List<CompositionalCase> chunk = open.pop();
            List<CompositionalCase> grown = new ArrayList<>(taken);
            grown.addAll(chunk);
            Optional<String> objection = objection(strict, grown, chunk, plan);
            if (objection.isEmpty()) {
                taken.addAll(chunk);
            } else if (chunk.size() == 1) {
                leftOut.add(new LeftOut(chunk.get(0).id(), objection.get()));
            } else {
                open.push(chunk.subList(chunk.size() / 2, chunk.size()));
                open.push(chunk.subList(0, chunk.size() / 2));
            }
        }
        progress.at(cases.size(), cases.size());
        if (taken.isEmpty()) {
            return new Together(Optional.empty(), leftOut);
        }
        Repair all = result(taken, plan);
        Set<String> kept = taken.stream()
                .map(CompositionalCase::id)
                .filter(reported::contains)
                .collect(Collectors.toSet());
        Judge.Judgement shown = judge.judgement(
                Judge.only(all.judgement().evaluation(), kept),
                all.judgement().earlier(),
                all.judgement().drift());
        return new Together(Optional.of(new Repair(taken, all.edit(), shown, all.movement())), leftOut);
    }

    /** Why a chunk cannot be added; empty where it can. */
    private Optional<String> objection(
            Judge strict, List<CompositionalCase> grown, List<CompositionalCase> chunk, EditPlan plan) {
        Repair trial;
        try {
            Patcher careful = new Patcher(base, below, editor, strict, prompts, validation, test);
            trial = careful.attempt(grown, plan, validation, true);
        } catch (BadInput unstable) {
            return Optional.of(unstable.getMessage());
        }
        Optional<GateResult> failed = trial.judgement().gates().stream()
                .filter(gate -> !gate.passed())
                .findFirst();
        if (failed.isPresent()) {
            return Optional.of("with it " + failed.get());
        }
        Set<String> wrong = new HashSet<>();
        chunk.forEach(one -> wrong.add(one.id()));
        wrong.removeAll(trial.judgement().corrected());
        return wrong.isEmpty() ? Optional.empty() : Optional.of("the edit does not correct it");
    }
}

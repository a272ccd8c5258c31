package modelpatch.repair;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteSplit;
import modelpatch.edit.EditPlan;
import modelpatch.edit.Method;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Probe;
import modelpatch.evaluate.Progress;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;
import modelpatch.patch.TensorDelta;

/** What remedies are compared on: failures of the report side, the items by which every one is judged, and the permanent patch among them. */
public final class Contest {
    private final Repair.Task task;
    private final RepairOptions options;
    private final Surroundings around;
    private final Setup setup;
    private final List<CompositionalCase> targets;
    private final List<CompositionalCase> choices;

    /**
     * Draws up a contest.
     *
     * @param options gates, how many cases at most, how many other cases are asked for each, wishes of the patch
     * @throws BadInput where the findings are of another suite or protocol, or hold no failure of the report side
     */
    public Contest(Repair.Task task, RepairOptions options, Surroundings around, Onlooker onlooker) {
        this.task = task;
        this.options = options;
        this.around = around;
        try (Onlooker.Part moments = onlooker.begin("second moments")) {
            setup = Setup.of(task, options, around, moments);
        }
        targets = drawn(SuiteSplit.REPORT);
        choices = drawn(SuiteSplit.CHOOSE);
        if (targets.isEmpty()) {
            throw new BadInput(
                    "nothing to compare on",
                    task.source(),
                    "a failure on the report side",
                    findings().failures().size() + " failures, none there",
                    "find on more cases, or with another --seed");
        }
    }

    private List<CompositionalCase> drawn(SuiteSplit side) {
        List<CompositionalCase> failures = new ArrayList<>();
        for (FailureFinding failure : findings().failures()) {
            if (failure.side().equals(side.key())) {
                failures.add(setup.find(failure.id()));
            }
        }
        return List.copyOf(SeededOrder.shuffled(
                failures, options.most().orElse(failures.size()), new SplittableRandom(options.seed())));
    }

    public Findings findings() {
        return task.findings();
    }

    public CaseSuite suite() {
        return setup.suite();
    }

    /** The failing cases that every remedy is to help. */
    public List<CompositionalCase> targets() {
        return targets;
    }

    /** Failing cases of the other side, on which a remedy may make its choices. */
    public List<CompositionalCase> choices() {
        return choices;
    }

    public Judge judge() {
        return setup.patcher().judge();
    }

    /** The items that every remedy is judged on, on test templates. */
    public List<Probe> probes() {
        return judge().probes(setup.test(), targets);
    }

    /** The same without those that a patch moves along, as some plans do: it would be judged by what it was made from. */
    public List<Probe> scorable(List<Probe> probes, Patch patch) {
        Set<Probe> scorable = new HashSet<>(setup.patcher().scorable(targets, patch.plan, probes));
        return probes.stream().filter(scorable::contains).toList();
    }

    /** A patch, and the plan that it was made by. */
    public static final class Patch {
        private final EditPlan plan;
        private final List<TensorDelta> deltas;
        private final boolean keepsGates;

        Patch(EditPlan plan, List<TensorDelta> deltas, boolean keepsGates) {
            this.plan = plan;
            this.keepsGates = keepsGates;
            this.deltas = List.copyOf(deltas);
        }

        public List<TensorDelta> deltas() {
            return deltas;
        }

        /** Whether {@code patch apply} would write it. */
        public boolean keepsGates() {
            return keepsGates;
        }

        /** How it was made, in words. */
        public String plan() {
            return plan.toString();
        }
    }

    /**
     * What an editor does to the targets, each by its own patch, their items pooled.
     *
     * @param plan in words, as it was chosen on the choose side
     * @param judgement on test templates; no other question about a bridge is moved along, so that every editor has the same items
     * @param refused targets without a stable solution
     * @param bytes of the largest patch beside the model
     * @param told whether the editor is told the answers
     */
    public record Edited(String plan, Judge.Judgement judgement, int refused, long bytes, boolean told) {}

    /** @throws BadInput where there is no editor of a name */
    public static void requireEditors(List<String> names) {
        names.forEach(Method::named);
    }

    /**
     * Edits every target by one method, whose plan is chosen on the choose side where it does not know its own layers.
     *
     * @param editor its name
     * @param progress counts targets
     * @throws BadInput where no target has a stable solution
     */
    public Edited edited(String editor, Onlooker onlooker, Progress progress) {
        Method method = Method.named(editor);
        RepairOptions own = options.with(options.wishes().with(method));
        EditPlan plan = PlanChoice.of(setup, own, around, task.source(), 1, false, onlooker)
                .plans()
                .get(0)
                .withRelations(0);
        List<Repaired> repairs = new ArrayList<>();
        BadInput unstable = null;
        for (CompositionalCase one : targets) {
            progress.at(repairs.size(), targets.size());
            try {
                repairs.add(setup.patcher().result(List.of(one), plan));
            } catch (BadInput none) {
                unstable = none;
            }
        }
        if (repairs.isEmpty()) {
            throw unstable;
        }
        return new Edited(
                plan.toString(),
                setup.patcher().pooled(repairs),
                targets.size() - repairs.size(),
                repairs.stream().mapToLong(one -> one.footprint().bytes()).max().orElse(0),
                method.isTold());
    }

    /** One patch of all targets, as {@code patch apply} makes it: the plan chosen on the choose side, as many cases as the gates allow. */
    public Patch patch(Onlooker onlooker) {
        boolean jointly = targets.size() > 1;
        PlanChoice choice = PlanChoice.of(setup, options, around, task.source(), targets.size(), jointly, onlooker);
        EditPlan plan = choice.plans().get(0);
        if (!jointly) {
            Repaired alone = setup.patcher().one(targets.get(0), choice.plans());
            return new Patch(
                    alone.edit().plan(),
                    alone.edit().deltas(),
                    alone.judgement().passed());
        }
        List<CompositionalCase> order = SeededOrder.shuffled(targets, new SplittableRandom(options.seed()));
        Set<String> all = new HashSet<>();
        targets.forEach(one -> all.add(one.id()));
        Patcher.Together together = setup.patcher().together(order, plan, all, Progress.UNWATCHED);
        // a table shows what a patch does also where its gates would forbid it
        Repaired repaired = together.repair().orElseGet(() -> setup.patcher().result(order, plan));
        return new Patch(
                plan,
                repaired.edit().deltas(),
                together.repair().isPresent() && repaired.judgement().passed());
    }
}

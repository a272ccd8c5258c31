package modelpatch.repair;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import modelpatch.cases.CompositionalCase;
import modelpatch.edit.EditPlan;
import modelpatch.evaluate.EditProbes;
import modelpatch.evaluate.Progress;
import modelpatch.locate.Findings;

/**
 * Edits that should not work, on the same cases and judged the same way: if they do, what the real edit achieved says little about where it
 * acted or what it carried.
 */
final class Controls {
    private final Patcher patcher;
    private final Findings findings;
    private final Function<CompositionalCase, Optional<CompositionalCase>> wrongBridge;
    private final EditProbes test;

    /**
     * Controls for the repairs of a patcher.
     *
     * @param findings say which layers have least effect
     * @param wrongBridge a case whose guide names another bridge of the same type with another answer; empty where none fits
     * @param test draws up the items
     */
    Controls(
            Patcher patcher,
            Findings findings,
            Function<CompositionalCase, Optional<CompositionalCase>> wrongBridge,
            EditProbes test) {
        this.patcher = patcher;
        this.findings = findings;
        this.wrongBridge = wrongBridge;
        this.test = test;
    }

    /**
     * The tables of the controls, pooled over repairs; a control that no repair has is empty.
     *
     * @param unlocated as many layers of least effect, same method and weights
     * @param rescaled the same, scaled to the |dW| of the repair
     * @param wrongBridge the same layers, the guide of another bridge
     */
    record Tables(
            Optional<Judge.Judgement> unlocated,
            Optional<Judge.Judgement> rescaled,
            Optional<Judge.Judgement> wrongBridge) {}

    /** Runs the controls of some repairs. */
    Tables of(List<Repaired> repairs, Progress progress) {
        List<Repaired> unlocated = new ArrayList<>();
        List<Repaired> rescaled = new ArrayList<>();
        List<Repaired> wrong = new ArrayList<>();
        for (int i = 0; i < repairs.size(); i++) {
            progress.at(i, repairs.size());
            Repaired repair = repairs.get(i);
            EditPlan plan = repair.edit().plan();
            List<Integer> others = Candidates.unlocated(findings, plan, patcher.base());
            if (!others.isEmpty()) {
                unlocated.add(patcher.attempt(repair.cases(), plan.on(others), test, false, one -> one, edit -> edit));
                rescaled.add(patcher.attempt(
                        repair.cases(),
                        plan.on(others),
                        test,
                        false,
                        one -> one,
                        edit -> edit.scaledTo(repair.edit().norm())));
            }
            if (repair.cases().stream().allMatch(one -> wrongBridge.apply(one).isPresent())) {
                wrong.add(patcher.attempt(
                        repair.cases(),
                        plan,
                        test,
                        false,
                        one -> wrongBridge.apply(one).orElseThrow(),
                        edit -> edit));
            }
        }
        progress.at(repairs.size(), repairs.size());
        return new Tables(table(unlocated), table(rescaled), table(wrong));
    }

    private Optional<Judge.Judgement> table(List<Repaired> repairs) {
        return repairs.isEmpty() ? Optional.empty() : Optional.of(patcher.pooled(repairs));
    }
}

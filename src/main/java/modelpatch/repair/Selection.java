package modelpatch.repair;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.edit.EditPlan;
import modelpatch.evaluate.Progress;
import modelpatch.guard.GateResult;
import modelpatch.guard.Gates;

/**
 * One patch for as many cases as its gates allow. All are edited at once: they bear each other up, as what the edit learns of one helps its
 * like, so those that it does not correct stay among its rows and are only not claimed. While a gate fails the last eighth gives way.
 */
final class Selection {
    private final Patcher patcher;
    private final EditPlan plan;
    private final Progress progress;
    private final List<RepairDocument.LeftOutCase> leftOut = new ArrayList<>();

    Selection(Patcher patcher, EditPlan plan, Progress progress) {
        this.patcher = patcher;
        this.plan = plan;
        this.progress = progress;
    }

    /**
     * What was selected.
     *
     * @param rows the cases that the edit is made of
     * @param taken those of them that it corrects
     */
    record Selected(List<CompositionalCase> rows, List<CompositionalCase> taken) {}

    /** Cases that are not taken, and why. */
    List<RepairDocument.LeftOutCase> leftOut() {
        return List.copyOf(leftOut);
    }

    /** Selects among cases that are given in the order in which they may stay. */
    Selected of(List<CompositionalCase> cases) {
        List<CompositionalCase> rows = new ArrayList<>(cases);
        while (!rows.isEmpty()) {
            progress.at(leftOut.size(), cases.size());
            Optional<String> objection;
            try {
                Judge.Judgement judgement = patcher.watched(rows, plan);
                objection = judgement.gates().stream()
                        .filter(gate -> !gate.within() && !Gates.isOfRepair(gate.name()))
                        .findFirst()
                        .map(GateResult::toString);
                if (objection.isEmpty()) {
                    progress.at(cases.size(), cases.size());
                    return taken(rows, judgement.corrected());
                }
            } catch (BadInput unstable) {
                objection = Optional.of(unstable.getMessage());
            }
            List<CompositionalCase> last = List.copyOf(rows.subList(rows.size() - (rows.size() + 7) / 8, rows.size()));
            leave(last, "with it " + objection.orElseThrow());
            rows.removeAll(last);
        }
        return new Selected(List.of(), List.of());
    }

    private Selected taken(List<CompositionalCase> rows, Set<String> corrected) {
        List<CompositionalCase> taken =
                rows.stream().filter(one -> corrected.contains(one.id())).toList();
        List<CompositionalCase> others =
                rows.stream().filter(one -> !corrected.contains(one.id())).toList();
        leave(others, "the edit does not correct it");
        return new Selected(List.copyOf(rows), taken);
    }

    private void leave(List<CompositionalCase> some, String why) {
        some.forEach(one -> leftOut.add(new RepairDocument.LeftOutCase(one.id(), why)));
    }
}

package modelpatch.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Progress;
import modelpatch.guard.GateResult;

/**
 * One patch for as many cases as its gates allow. All are tried at once, because what is held is then weighed against all that is asked; those
 * that the joint edit does not correct make room for the others, and while a gate fails the last quarter gives way.
 */
final class Selection {
    private final Patcher patcher;
    private final EditPlan plan;
    private final Progress progress;
    private final List<Patcher.LeftOut> leftOut = new ArrayList<>();

    Selection(Patcher patcher, EditPlan plan, Progress progress) {
        this.patcher = patcher;
        this.plan = plan;
        this.progress = progress;
    }

    List<Patcher.LeftOut> leftOut() {
        return List.copyOf(leftOut);
    }

    /** The cases that are in, of those given in the order in which they may stay. */
    List<CompositionalCase> take(List<CompositionalCase> cases) {
        List<CompositionalCase> taken = new ArrayList<>(cases);
        while (!taken.isEmpty()) {
            progress.at(leftOut.size(), cases.size());
            int before = taken.size();
            try {
                Judge.Judgement judgement = patcher.watched(taken, plan);
                Set<String> corrected = judgement.corrected();
                leave(
                        taken.stream()
                                .filter(one -> !corrected.contains(one.id()))
                                .toList(),
                        taken,
                        "the edit does not correct it");
                Optional<GateResult> failed = judgement.gates().stream()
                        .filter(gate -> !gate.passed())
                        .findFirst();
                if (taken.size() == before && failed.isPresent()) {
                    leave(lastQuarter(taken), taken, "with it " + failed.get());
                }
            } catch (BadInput unstable) {
                leave(lastQuarter(taken), taken, unstable.getMessage());
            }
            if (taken.size() == before) {
                break;
            }
        }
        progress.at(cases.size(), cases.size());
        return List.copyOf(taken);
    }

    private static List<CompositionalCase> lastQuarter(List<CompositionalCase> cases) {
        return List.copyOf(cases.subList(cases.size() - (cases.size() + 3) / 4, cases.size()));
    }

    private void leave(List<CompositionalCase> some, List<CompositionalCase> taken, String why) {
        some.forEach(one -> leftOut.add(new Patcher.LeftOut(one.id(), why)));
        taken.removeAll(some);
    }
}

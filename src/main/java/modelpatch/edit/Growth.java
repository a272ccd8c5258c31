package modelpatch.edit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.Progress;
import modelpatch.guard.GateResult;

/** One patch that takes cases in as long as its gates hold. */
final class Growth {
    /** Cases that are taken first; every success doubles the number. */
    private static final int FIRST_CHUNK = 8;

    private static final int LARGEST_CHUNK = 64;

    /** Single cases in a row that may fail a gate before the rest is left out untried. */
    private static final int PATIENCE = 8;

    private final Patcher patcher;
    private final EditPlan plan;
    private final Progress progress;
    private final List<CompositionalCase> taken = new ArrayList<>();
    private final List<Patcher.LeftOut> leftOut = new ArrayList<>();
    private final Deque<CompositionalCase> open = new ArrayDeque<>();
    private int inARow;

    Growth(Patcher patcher, EditPlan plan, Progress progress) {
        this.patcher = patcher;
        this.plan = plan;
        this.progress = progress;
    }

    List<Patcher.LeftOut> leftOut() {
        return List.copyOf(leftOut);
    }

    /** Tries all cases, in their order, and returns those that are in. */
    List<CompositionalCase> take(List<CompositionalCase> cases) {
        open.addAll(cases);
        int size = FIRST_CHUNK;
        while (!open.isEmpty()) {
            progress.at(cases.size() - open.size(), cases.size());
            List<CompositionalCase> chunk = new ArrayList<>();
            while (chunk.size() < size && !open.isEmpty()) {
                chunk.add(open.pop());
            }
            Optional<String> failed = attempt(chunk);
            if (failed.isEmpty()) {
                inARow = 0;
                size = Math.min(LARGEST_CHUNK, 2 * size);
            } else if (chunk.size() == 1) {
                leave(chunk.get(0), failed.get());
                inARow++;
                if (inARow == PATIENCE) {
                    open.forEach(one -> leave(one, "not tried: the patch is full, " + failed.get()));
                    open.clear();
                }
            } else {
                for (int i = chunk.size() - 1; i >= 0; i--) {
                    open.push(chunk.get(i));
                }
                size = Math.max(1, chunk.size() / 2);
            }
        }
        progress.at(cases.size(), cases.size());
        return List.copyOf(taken);
    }

    /**
     * Tries the patch with a chunk; keeps of it what is corrected where the gates hold.
     *
     * @return the gate that failed, or why the solve did; empty where the chunk is dealt with
     */
    private Optional<String> attempt(List<CompositionalCase> chunk) {
        List<CompositionalCase> wanted = new ArrayList<>(chunk);
        while (!wanted.isEmpty()) {
            List<CompositionalCase> grown = new ArrayList<>(taken);
            grown.addAll(wanted);
            Judge.Judgement judgement;
            try {
                judgement = patcher.grown(grown, plan);
            } catch (BadInput unstable) {
                return Optional.of(unstable.getMessage());
            }
            Set<String> corrected = judgement.corrected();
            List<CompositionalCase> wrong =
                    wanted.stream().filter(one -> !corrected.contains(one.id())).toList();
            Optional<GateResult> failed =
                    judgement.gates().stream().filter(gate -> !gate.passed()).findFirst();
            if (wrong.isEmpty() && failed.isPresent()) {
                return failed.map(gate -> "with it " + gate);
            }
            if (wrong.isEmpty()) {
                taken.addAll(wanted);
                return Optional.empty();
            }
            wrong.forEach(one -> leave(one, "the edit does not correct it"));
            chunk.removeAll(wrong);
            wanted.removeAll(wrong);
        }
        return Optional.empty();
    }

    private void leave(CompositionalCase one, String why) {
        leftOut.add(new Patcher.LeftOut(one.id(), why));
    }
}

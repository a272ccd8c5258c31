package modelpatch.repair;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteSplit;
import modelpatch.locate.FailureFinding;

/**
 * What findings say of the known cases of a suite, as far as remedies are asked about them.
 *
 * @param failures wrong compositions
 * @param controls right ones, which a remedy may harm; of the failures' relations where there are enough such
 */
public record FoundCases(List<CompositionalCase> failures, List<CompositionalCase> controls) {
    /** Failures of one bridge and last relation that are no more than one another's echo. */
    private static final int ALIKE = 3;

    /**
     * The cases of the report side, or the failures named and as many right cases of that side.
     *
     * @param ids of failures; empty for all of the report side
     * @param most how many failures at most, drawn by the seed
     * @param near whether controls are of the failures' relations alone, even where there are few
     * @throws BadInput where a failure is unknown, there is none, or the findings are of another suite
     */
    public static FoundCases of(Repair.Task task, List<String> ids, OptionalInt most, boolean near, long seed) {
        List<CompositionalCase> all =
                found(task, ids).stream().map(one -> find(task, one.id())).toList();
        List<CompositionalCase> failures = most.isEmpty()
                ? all
                : SeededOrder.shuffled(all, most.getAsInt(), SeededOrder.draws(seed, "remedy", "failures"));
        Set<List<String>> pairs =
                failures.stream().map(CompositionalCase::relations).collect(Collectors.toSet());
        List<CompositionalCase> right = task.findings().split().report().composed().stream()
                .map(id -> find(task, id))
                .toList();
        List<CompositionalCase> related =
                right.stream().filter(one -> pairs.contains(one.relations())).toList();
        List<CompositionalCase> controls = SeededOrder.shuffled(
                near || related.size() >= failures.size() ? related : right,
                failures.size(),
                SeededOrder.draws(seed, "remedy", "controls"));
        return new FoundCases(failures, controls);
    }

    /**
     * Failures of both sides, drawn by the seed, but of each bridge and last relation no more than a few.
     *
     * @throws BadInput where there is none, or the findings are of another suite
     */
    public static List<CompositionalCase> spread(Repair.Task task, int most, long seed) {
        List<CompositionalCase> all = task.findings().failures().stream()
                .map(one -> find(task, one.id()))
                .toList();
        if (all.isEmpty()) {
            throw new BadInput("no failure", task.source(), "a failure", "none", "see `patch find`");
        }
        Map<List<String>, Integer> alike = new HashMap<>();
        return SeededOrder.shuffled(all, SeededOrder.draws(seed, "spread")).stream()
                .filter(one -> alike.merge(List.of(one.bridge(), one.lastHop().relation()), 1, Integer::sum) <= ALIKE)
                .limit(most)
                .toList();
    }

    /** Failures, then controls. */
    public List<CompositionalCase> all() {
        return Stream.concat(failures.stream(), controls.stream()).toList();
    }

    /** The failures with these ids, or all of the report side where none is named. */
    static List<FailureFinding> chosen(Repair.Task task, List<String> ids) {
        List<FailureFinding> failures = new ArrayList<>(task.findings().failures());
        for (String id : ids) {
            if (task.findings().find(id).isEmpty()) {
                throw new BadInput(
                        "no such failure",
                        "--case " + id,
                        "the id of a failure in " + task.source(),
                        "none of its " + failures.size(),
                        "see `patch find`");
            }
        }
        failures.removeIf(one -> ids.isEmpty() ? !one.side().equals(SuiteSplit.REPORT.key()) : !ids.contains(one.id()));
        return failures;
    }

    private static List<FailureFinding> found(Repair.Task task, List<String> ids) {
        List<FailureFinding> failures = chosen(task, ids);
        if (failures.isEmpty()) {
            throw new BadInput(
                    "no failure to help",
                    task.source(),
                    "a failure on the report side",
                    task.findings().failures().size() + " failures, none there",
                    "see `patch find`");
        }
        return failures;
    }

    private static CompositionalCase find(Repair.Task task, String id) {
        return task.questions()
                .asked()
                .suite()
                .find(id)
                .orElseThrow(() -> new BadInput(
                        "findings of another suite",
                        task.source(),
                        "a case " + id,
                        "none of that id",
                        "give the same --facts, --suite, --relations and --hops as for `patch find`"));
    }
}

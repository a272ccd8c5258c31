package modelpatch.remedy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Stopped;
import modelpatch.evaluate.Verdict;
import modelpatch.repair.Contest;
import modelpatch.repair.Repair;
import modelpatch.repair.RepairOptions;
import modelpatch.repair.Surroundings;

/**
 * Editors side by side: each makes every target of the report side its own patch, and all are judged on the same items. Where a plan has to be
 * chosen, it is chosen on the choose side, whose bridges are others. Nothing is written.
 */
public final class CompareEditors {
    private final Repair.Task task;
    private final RepairOptions repair;
    private final Surroundings around;
    private final List<String> editors;
    private final LongSupplier clock;
    private final Onlooker onlooker;

    /**
     * A use case that has done nothing yet.
     *
     * @param editors by name, in the order of the table
     * @param clock nanoseconds of the processor's time that this process has had
     * @throws BadInput where an editor is unknown or named twice
     */
    public CompareEditors(
            Repair.Task task,
            RepairOptions repair,
            Surroundings around,
            List<String> editors,
            LongSupplier clock,
            Onlooker onlooker) {
        this.task = task;
        this.repair = repair;
        this.around = around;
        Contest.requireEditors(editors);
        this.editors = List.copyOf(editors);
        this.clock = clock;
        this.onlooker = onlooker;
        if (this.editors.stream().distinct().count() < editors.size()) {
            throw new BadInput(
                    "an editor given twice", "--editors", "each once", String.join(", ", editors), "leave one out");
        }
    }

    /** Judges every editor; after an interruption the table holds those that were judged. */
    public RemedyTable run(Map<String, Object> configuration) {
        Contest contest = new Contest(task, repair, around, onlooker);
        Map<String, Map<String, Verdict>> verdicts = new LinkedHashMap<>();
        List<RemedyTable.Row> rows = new ArrayList<>();
        boolean complete = true;
        try {
            for (String editor : editors) {
                onlooker.check();
                rows.add(row(contest, editor, verdicts));
                onlooker.detail(editor + " corrects "
                        + rows.get(rows.size() - 1).rate(EditSet.CORRECTION).share());
            }
        } catch (Stopped e) {
            complete = false;
        }
        return new RemedyTable(
                configuration,
                task.model().reported(),
                task.questions().deciding().identity(),
                contest.targets().stream().map(CompositionalCase::id).toList(),
                rows,
                Compare.duels(verdicts),
                List.of(),
                Optional.empty(),
                complete);
    }

    private RemedyTable.Row row(Contest contest, String editor, Map<String, Map<String, Verdict>> verdicts) {
        long begun = clock.getAsLong();
        try (Onlooker.Part progress = onlooker.begin(editor)) {
            Contest.Edited edited = contest.edited(editor, onlooker, progress);
            verdicts.put(editor, Compare.ofTargets(edited.judgement()));
            int refused = edited.refused();
            return new RemedyTable.Row(
                    editor,
                    edited.judgement().sets(),
                    edited.judgement().drift(),
                    (clock.getAsLong() - begun) / 1e9 / contest.targets().size(),
                    OptionalDouble.empty(),
                    edited.bytes(),
                    "permanent",
                    true,
                    edited.told() ? "gold answers" : "gold bridges",
                    edited.plan() + (refused > 0 ? "; " + refused + " targets have no stable solution" : ""));
        }
    }
}

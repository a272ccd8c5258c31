package modelpatch.repair;

import java.util.List;
import java.util.Optional;
import modelpatch.cases.CompositionalCase;
import modelpatch.edit.Edit;
import modelpatch.edit.MovementCheck;

/**
 * An edit of some cases and what came of it.
 *
 * @param cases the edited ones
 * @param footprint of the patch and those below it
 * @param movement empty where it was not measured
 * @param creme the edited prompts in the paper's metric; empty where it was not measured
 */
record Repaired(
        List<CompositionalCase> cases,
        Edit edit,
        Judge.Judgement judgement,
        Remedy.Footprint footprint,
        Optional<MovementCheck> movement,
        List<CremeReading> creme) {
    Repaired {
        cases = List.copyOf(cases);
        creme = List.copyOf(creme);
    }

    /** The same under other verdicts. */
    Repaired under(Judge.Judgement other) {
        return new Repaired(cases, edit, other, footprint, movement, creme);
    }
}

package modelpatch.repair;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.SetOutcome;
import modelpatch.guard.Drift;
import modelpatch.guard.GateResult;

/**
 * What the gates said of a change that was not made by an editor.
 *
 * @param file the patch file; empty where a gate failed and nothing was written
 * @param verdict one of {@link RepairDocument}'s
 */
public record Promoted(
        Optional<String> id,
        Optional<String> file,
        Map<EditSet, SetOutcome> sets,
        Optional<Drift> drift,
        List<GateResult> gates,
        String verdict) {
    /** Whether no patch came of it. */
    public boolean failed() {
        return verdict.equals(RepairDocument.FAILED) || verdict.equals(RepairDocument.UNDECIDED);
    }
}

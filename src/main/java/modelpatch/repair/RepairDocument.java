package modelpatch.repair;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.edit.PostCondition;
import modelpatch.evaluate.CremeMetric;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.SetOutcome;
import modelpatch.guard.Drift;
import modelpatch.guard.GateResult;

/**
 * What became of failures that were to be repaired; {@code patch apply --json} prints it. Result tables hold items of report cases only.
 *
 * @param patches the patches that were made
 * @param leftOut eligible cases that no patch repairs, and failures that are not eligible
 * @param sites what was edited, such as {@code L4} or {@code L4H2}
 * @param reportCases edited cases that the tables come from
 * @param creme the paper's metric on the edited prompts, for comparison
 * @param controls tables of edits that should not work, by name
 * @param templateOverlap prompts of the suite that are both for edits and for results, counted
 */
@JsonPropertyOrder({"patches", "left_out", "method", "sites", "report_cases", "sets", "drift", "gates", "verdict"})
public record RepairDocument(
        List<Patch> patches,
        List<LeftOutCase> leftOut,
        String method,
        String plan,
        List<String> sites,
        int eligible,
        int taken,
        int reportCases,
        String protocol,
        Map<EditSet, SetOutcome> sets,
        Optional<Drift> drift,
        List<GateResult> gates,
        String verdict,
        Optional<CremeMetric.Summary> creme,
        Map<String, Map<EditSet, SetOutcome>> controls,
        List<RankedPlan> search,
        int templateOverlap,
        Map<String, Double> seconds) {
    public static final String PASSED = "passed";
    public static final String FAILED = "failed";
    public static final String FORCED = "forced";
    public static final String UNDECIDED = "undecided";

    /**
     * One patch.
     *
     * @param file where it lies; empty where it was not written
     * @param conditions what the closed form promised and what came out
     * @param movementError worst error of the predicted movement at the first edited layer
     */
    public record Patch(
            List<String> cases,
            Optional<String> id,
            Optional<String> file,
            String plan,
            List<GateResult> gates,
            String verdict,
            double norm,
            List<PostCondition> conditions,
            OptionalDouble movementError,
            List<String> warnings) {}

    /** A case that no patch repairs, and the reason. */
    public record LeftOutCase(@JsonProperty("case") String caseId, String why) {}

    /** Whether patches that were asked for could be had. */
    public boolean failed() {
        return verdict.equals(FAILED) || verdict.equals(UNDECIDED);
    }
}

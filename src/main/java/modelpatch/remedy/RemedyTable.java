package modelpatch.remedy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.EvaluationReport;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.McNemar;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Tally;
import modelpatch.guard.Drift;

/**
 * Remedies on the same failures, the same items and the same controls.
 *
 * @param model what they were set up on
 * @param protocol identity of the protocol
 * @param targets ids of the failing cases
 * @param rows by remedy, in the order in which they were asked for
 * @param pairs every two remedies on the targets: before is the first, after the second
 * @param routes what to do about each diagnosis among the targets
 * @param backPatching how far back-patching can go; empty where it did not take part
 * @param complete false where the work was interrupted; then rows may be missing
 */
public record RemedyTable(
        Map<String, Object> configuration,
        EvaluationReport.Model model,
        String protocol,
        List<String> targets,
        List<Row> rows,
        List<Duel> pairs,
        List<Route> routes,
        Optional<BackPatching> backPatching,
        boolean complete) {
    public RemedyTable {
        configuration = Collections.unmodifiableMap(new LinkedHashMap<>(configuration));
        targets = List.copyOf(targets);
        rows = List.copyOf(rows);
        pairs = List.copyOf(pairs);
        routes = List.copyOf(routes);
    }

    /**
     * One remedy.
     *
     * @param sets every item before and after, intervals by bridge
     * @param drift on text that has nothing to do with the targets; empty where it was not measured
     * @param setUpSeconds of the processor's time
     * @param querySeconds of the processor's time for a prompt; empty where none was asked
     * @param bytes of memory beside the model's own
     * @param weightsUnchanged whether every stored tensor had the same SHA-256 after the remedy was closed
     * @param supervision what it was given
     * @param note what else is to be known
     */
    public record Row(
            String remedy,
            Map<EditSet, SetOutcome> sets,
            Optional<Drift> drift,
            double setUpSeconds,
            OptionalDouble querySeconds,
            long bytes,
            String persistence,
            boolean weightsUnchanged,
            String supervision,
            String note) {
        public Row {
            sets = Collections.unmodifiableMap(new LinkedHashMap<>(sets));
        }

        /** What it corrects of a set, or of what was right there turns wrong. */
        public Tally rate(EditSet set) {
            SetOutcome outcome = sets.get(set);
            return set.mustChange()
                    ? outcome.pairs().corrected()
                    : outcome.pairs().harmed();
        }

        /** r_O over all items that must stay: other bridges, other relations, single hops. */
        @JsonProperty("harm")
        public Tally harm() {
            return Tally.pool(sets.entrySet().stream()
                    .filter(entry -> !entry.getKey().mustChange())
                    .map(entry -> entry.getValue().pairs().harmed())
                    .toList());
        }

        /** Wilson's interval of the correction rate on the targets. */
        @JsonProperty("correction_wilson")
        public Optional<Interval> correctionInterval() {
            return rate(EditSet.CORRECTION).wilson();
        }

        /** Wilson's interval of the harm. */
        @JsonProperty("harm_wilson")
        public Optional<Interval> harmInterval() {
            return harm().wilson();
        }
    }

    /** Two remedies on the targets. */
    public record Duel(String first, String second, McNemar test) {}
}

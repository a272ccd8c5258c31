package modelpatch.locate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.EvaluationCounts;

/**
 * Findings and what was asked beside. Its JSON has the fields of the findings, then counts, planted truth and file.
 *
 * @param evaluation what the findings explain
 * @param taught compositions that an embedded model was taught; empty where nobody knows any
 * @param bare the known cases without demonstrations; empty where there are none to leave out
 * @param planted the diagnoses against what an embedded model's training withheld
 * @param file where the findings lie; empty where they were not written
 */
@JsonPropertyOrder({"findings", "trained_counts", "bare_counts", "planted", "file"})
public record FindDocument(
        @JsonUnwrapped Findings findings,
        @JsonIgnore Evaluation evaluation,
        @JsonIgnore Optional<Evaluation> taught,
        @JsonIgnore Optional<Evaluation> bare,
        Optional<PlantedTruth> planted,
        Optional<String> file) {

    @JsonProperty("trained_counts")
    public Optional<EvaluationCounts> taughtCounts() {
        return taught.map(Evaluation::counts);
    }

    @JsonProperty("bare_counts")
    public Optional<EvaluationCounts> bareCounts() {
        return bare.map(Evaluation::counts);
    }

    /** The same, handing on what was typed to those who work on with the findings, see {@link Findings#asked}. */
    public FindDocument askedBy(Map<String, String> typed) {
        return new FindDocument(findings.withAsked(typed), evaluation, taught, bare, planted, file);
    }

    /** Writes the findings in one step, and says where. */
    public FindDocument writtenTo(Path target) {
        FindingsFile.write(target, findings);
        return new FindDocument(findings, evaluation, taught, bare, planted, Optional.of(target.toString()));
    }
}

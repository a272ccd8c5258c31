package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

/**
 * A report beside an earlier one. Its JSON has the fields of the report, then the comparison.
 *
 * @param comparison of the earlier report's deciding evaluation with this one's
 */
public record EvaluationDocument(@JsonUnwrapped EvaluationReport report, Comparison comparison) {
    /**
     * Compares.
     *
     * @throws modelpatch.BadInput where the deciding protocols differ, or no case is in both
     */
    public static EvaluationDocument of(EvaluationReport before, EvaluationReport report) {
        return new EvaluationDocument(
                report,
                Comparison.of(
                        before.deciding(),
                        report.deciding(),
                        new ClusterBootstrap(ClusterBootstrap.DEFAULT_DRAWS, report.seed())));
    }
}

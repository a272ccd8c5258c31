package modelpatch.guard;

import java.util.List;

/**
 * How suites differ from what was accepted.
 *
 * @param accepted whether what is there now was made the baseline
 */
public record UpdateDocument(boolean accepted, List<Update> suites) {
    /**
     * One suite.
     *
     * @param recorded whether there was a baseline before
     * @param differences one line each
     * @param verdict of the run
     */
    public record Update(String suite, String baseline, boolean recorded, List<String> differences, String verdict) {
        /** Whether there is anything to accept. */
        boolean differs() {
            return !recorded || !differences.isEmpty();
        }

        /** Whether the suite is broken as it is. */
        public boolean broken() {
            return verdict.equals(SuiteResult.BROKEN);
        }
    }

    /** Whether any suite differs from its baseline, or has none. */
    public boolean differs() {
        return suites.stream().anyMatch(Update::differs);
    }
}

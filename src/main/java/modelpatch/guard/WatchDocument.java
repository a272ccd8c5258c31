package modelpatch.guard;

import java.util.List;

/**
 * What watching a directory of models found.
 *
 * @param verdict passed, or broken where the latest run of some model is
 * @param added runs that were added
 * @param latest the latest run of every model and suite
 * @param history the file that they were added to
 */
public record WatchDocument(String verdict, int added, List<SuiteHistory.Entry> latest, String history) {
    public boolean passed() {
        return verdict.equals(SuiteResult.PASSED);
    }
}

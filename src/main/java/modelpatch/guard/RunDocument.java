package modelpatch.guard;

import java.util.List;

/**
 * What suites found on one target.
 *
 * @param verdict passed, broken where one of them is, undecided where none is and one could not be decided
 * @param broken what broke, by name
 * @param undecided what could not be measured and had to be, by name
 */
public record RunDocument(String verdict, List<String> broken, List<String> undecided, List<SuiteResult> suites) {
    static RunDocument of(List<SuiteResult> results) {
        boolean passed = results.stream().allMatch(SuiteResult::passed);
        List<String> broken =
                results.stream().flatMap(result -> result.broken().stream()).toList();
        List<String> undecided =
                results.stream().flatMap(result -> result.undecided().stream()).toList();
        String verdict = passed ? SuiteResult.PASSED : broken.isEmpty() ? SuiteResult.UNDECIDED : SuiteResult.BROKEN;
        return new RunDocument(verdict, broken, undecided, results);
    }

    public boolean passed() {
        return verdict.equals(SuiteResult.PASSED);
    }
}

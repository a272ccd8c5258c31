package modelpatch.guard;

import java.util.List;

/**
 * What suites found on one target.
 *
 * @param verdict passed, or broken where one of them is
 * @param broken what broke, by name
 */
public record RunDocument(String verdict, List<String> broken, List<SuiteResult> suites) {
    static RunDocument of(List<SuiteResult> results) {
        boolean passed = results.stream().allMatch(SuiteResult::passed);
        List<String> broken =
                results.stream().flatMap(result -> result.broken().stream()).toList();
        return new RunDocument(passed ? SuiteResult.PASSED : SuiteResult.BROKEN, broken, results);
    }

    public boolean passed() {
        return verdict.equals(SuiteResult.PASSED);
    }
}

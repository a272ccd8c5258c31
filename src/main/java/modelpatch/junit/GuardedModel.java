package modelpatch.junit;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import modelpatch.evaluate.EditSet;
import modelpatch.guard.CaseResult;
import modelpatch.guard.SuiteResult;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/** The model of a test class with its suites; a parameter of test methods. */
public final class GuardedModel {
    private final SharedModel model;
    private final List<Path> suites;

    GuardedModel(SharedModel model, List<Path> suites) {
        this.model = model;
        this.suites = suites;
    }

    /** What the suites found, in their order. */
    public List<SuiteResult> results() {
        return suites.stream().map(model::result).toList();
    }

    /** One test for each case of all sets. */
    public Stream<DynamicTest> cases() {
        return cases(set -> true);
    }

    /**
     * One test for each case of one set, whether it had to change or to stay.
     *
     * @param set its name, such as {@code hops}
     */
    public Stream<DynamicTest> cases(String set) {
        return cases(name -> name.equals(set));
    }

    /** One test for each case of the sets that are not among those by which the toolkit judges edits. */
    public Stream<DynamicTest> ownCases() {
        return cases(
                name -> Stream.of(EditSet.values()).noneMatch(set -> set.key().equals(name)));
    }

    private Stream<DynamicTest> cases(Predicate<String> sets) {
        List<DynamicTest> tests = new ArrayList<>();
        for (SuiteResult result : results()) {
            for (CaseResult one : result.cases()) {
                if (sets.test(one.set().substring(one.set().indexOf('/') + 1))) {
                    String name = one.set() + ": " + one.prompt().replace('\n', ' ') + " ... "
                            + one.expected().get(0) + " [" + one.id() + "]";
                    tests.add(DynamicTest.dynamicTest(name, place(result), () -> require(result, one)));
                }
            }
        }
        return tests.stream();
    }

    /** One test for each limit and each budget of the suites: drift, time, size, and how many cases of a set may be wrong. */
    public Stream<DynamicTest> budgets() {
        List<DynamicTest> tests = new ArrayList<>();
        for (SuiteResult result : results()) {
            result.sets()
                    .forEach(set -> tests.add(DynamicTest.dynamicTest(
                            result.suite() + ": at most " + set.allowed() + " of " + set.cases() + " wrong in "
                                    + set.set(),
                            place(result),
                            () -> Assertions.assertTrue(
                                    set.passed(),
                                    () -> set.fails() + " of " + set.cases() + " are wrong in " + set.set()))));
            result.checks()
                    .forEach(check -> tests.add(DynamicTest.dynamicTest(
                            result.suite() + ": " + check.message(),
                            place(result),
                            () -> Assertions.assertTrue(check.passed(), () -> check.message()))));
        }
        return tests.stream();
    }

    private static URI place(SuiteResult result) {
        return Path.of(result.file()).toUri();
    }

    private static void require(SuiteResult result, CaseResult one) {
        if (one.outcome() == CaseResult.Outcome.TIED) {
            throw new TestAbortedException("rounding decides this answer\n" + one.message());
        }
        if (one.fails() && result.sets().stream().anyMatch(set -> set.set().equals(one.set()) && set.passed())) {
            throw new TestAbortedException("wrong, within the budget of " + one.set() + "\n" + one.message());
        }
        if (one.fails()) {
            throw new AssertionFailedError(one.message(), one.expected().get(0), one.found());
        }
    }
}

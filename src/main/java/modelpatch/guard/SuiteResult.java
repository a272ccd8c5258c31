package modelpatch.guard;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.architecture.BaseReading;

/**
 * What a suite found.
 *
 * @param suite its name
 * @param file where it lies
 * @param suiteDigest SHA-256 of its text
 * @param model name of the target
 * @param modelDigest names the target with its patches
 * @param reading how the target's tensors are read; empty where that is not known
 * @param patches ids, lowest first
 * @param protocol identity of the protocol
 * @param sets counts
 * @param checks limits on drift, time and size, and what else must hold
 * @param drift empty where it was not measured
 * @param baseline how the run stands to what was accepted
 * @param seconds that the questions took
 * @param modelBytes size of the model's files
 * @param cases in the order of the suite
 */
@JsonPropertyOrder({"suite", "file", "verdict", "sets", "checks"})
public record SuiteResult(
        String suite,
        String file,
        String suiteDigest,
        String model,
        String modelDigest,
        Optional<BaseReading> reading,
        List<String> patches,
        String protocol,
        List<SetResult> sets,
        List<Check> checks,
        Optional<Drift> drift,
        BaselineState baseline,
        double seconds,
        long modelBytes,
        List<CaseResult> cases) {
    /** The verdict that everything holds. */
    static final String PASSED = "passed";

    /** The verdict that something does not. */
    static final String BROKEN = "broken";

    /** The verdict that nothing is known to be broken and not all is known to hold. */
    static final String UNDECIDED = "undecided";

    public SuiteResult {
        patches = List.copyOf(patches);
        sets = List.copyOf(sets);
        checks = List.copyOf(checks);
        cases = List.copyOf(cases);
    }

    /**
     * Something beside the cases that must hold.
     *
     * @param name of the limit or rule
     * @param state whether it holds
     * @param found in words
     * @param limit in words
     */
    @JsonPropertyOrder({"name", "passed", "state"})
    public record Check(String name, State state, String found, String limit) {
        /** Whether it holds, or what was not measured need not be. */
        @JsonProperty(access = JsonProperty.Access.READ_ONLY)
        public boolean passed() {
            return state == State.HOLDS || state == State.ALLOWED;
        }

        /** In a line. */
        public String message() {
            return name + ": " + found + " (limit " + limit + ")";
        }
    }

    /** How a check came out. */
    public enum State {
        HOLDS,
        BROKEN,
        /** It could not be measured, so nothing is known. */
        UNDECIDED,
        /** It could not be measured, and the suite says that this is all right; or it differs, as it may. */
        ALLOWED;

        /** The name in JSON. */
        @com.fasterxml.jackson.annotation.JsonValue
        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** How a run stands to the baseline. */
    public enum BaselineState {
        /** The suite has no earlier result to compare with. */
        NONE,
        /** It is of another suite text, so its answers may be those to other questions. */
        STALE,
        /** It is of this suite. */
        COMPARED;

        /** The name in JSON. */
        @com.fasterxml.jackson.annotation.JsonValue
        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** Whether every set and every check is within its limits. */
    public boolean passed() {
        return sets.stream().allMatch(SetResult::passed) && checks.stream().allMatch(Check::passed);
    }

    /** {@code passed}, {@code broken}, or {@code undecided} where nothing broke and something could not be measured. */
    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    public String verdict() {
        return passed() ? PASSED : broken().isEmpty() ? UNDECIDED : BROKEN;
    }

    /** Names of what could not be measured and had to be. */
    public List<String> undecided() {
        return checks.stream()
                .filter(check -> check.state() == State.UNDECIDED)
                .map(Check::name)
                .toList();
    }

    /** The cases that are wrong. */
    public List<CaseResult> failing() {
        return cases.stream().filter(CaseResult::fails).toList();
    }

    /** Names of everything that broke: sets beyond their budget with their failing cases, checks. */
    public List<String> broken() {
        List<String> names = new ArrayList<>();
        for (SetResult set : sets) {
            if (!set.passed()) {
                cases.stream()
                        .filter(one -> one.set().equals(set.set()) && one.fails())
                        .forEach(one -> names.add(set.set() + ": " + one.id()));
            }
        }
        checks.stream().filter(check -> check.state() == State.BROKEN).forEach(check -> names.add(check.name()));
        return names;
    }
}

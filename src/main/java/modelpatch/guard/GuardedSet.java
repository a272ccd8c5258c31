package modelpatch.guard;

import java.util.List;

/**
 * Questions that stand or fall together.
 *
 * @param name such as {@code hops}; the sets by which edits are judged have the names of {@link modelpatch.evaluate.EditSet}
 * @param must what is demanded of its cases
 * @param mayFail the share of its cases that may be wrong, 0 for none
 * @param cases at least one
 */
public record GuardedSet(String name, Must must, double mayFail, List<GuardedCase> cases) {
    public GuardedSet {
        cases = List.copyOf(cases);
    }

    /** What is demanded of a case: that its answer is right, for one of two reasons. */
    public enum Must {
        /** It was wrong without the patches; they have to repair it. */
        CHANGE,
        /** It was right without the patches; they must not break it. */
        STAY;

        /** The section of a suite file. */
        String section() {
            return this == CHANGE ? "must_change" : "must_stay";
        }
    }

    /** How many cases may be wrong. */
    int allowance() {
        return (int) Math.floor(mayFail * cases.size() + 1e-9);
    }

    /** Name and demand, as reports show it. */
    String title() {
        return must.section() + "/" + name;
    }
}

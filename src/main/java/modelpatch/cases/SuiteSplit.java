package modelpatch.cases;

import java.util.Locale;

/**
 * Which side of a suite a case is on: sites, scales and thresholds are chosen on one side, and every result is reported from the other.
 * All cases that share a bridge are on one side.
 */
public enum SuiteSplit {
    CHOOSE,
    REPORT;

    /** The side of a bridge: a matter of its name and the seed alone, so that no other case moves when facts are added; small suites see {@link Balance}. */
    static SuiteSplit of(String bridge, long seed) {
        return SeededOrder.number(seed, "side", bridge) < 0 ? CHOOSE : REPORT;
    }

    /** The name that files use, in lower case. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package modelpatch.cases;

import java.util.Locale;

/**
 * Which side of a suite a case is on: sites, scales and thresholds are chosen on one side, and every result is reported from the other.
 * All cases that share a bridge are on one side.
 */
public enum SuiteSplit {
    CHOOSE,
    REPORT;

    /** The name that files use, in lower case. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package modelpatch.guard;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One set of a suite, counted.
 *
 * @param set its title
 * @param cases how many
 * @param holds right
 * @param tied decided by rounding; they never fail a build
 * @param fails wrong
 * @param allowed how many may be wrong
 */
@JsonPropertyOrder({"set", "cases", "holds", "tied", "fails", "allowed", "passed"})
public record SetResult(String set, int cases, int holds, int tied, int fails, int allowed) {
    /** Whether no more are wrong than may be. */
    public boolean passed() {
        return fails <= allowed;
    }

    @com.fasterxml.jackson.annotation.JsonProperty("passed")
    boolean shownPassed() {
        return passed();
    }
}

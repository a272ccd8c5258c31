package modelpatch.cases;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What training withheld from a composition that was not taught: the cause of its failure, if it fails, known from the world alone. */
public enum Planted {
    /** Both hops serve in taught chains, in the same places; only this pair was never put together. */
    @JsonProperty("nothing")
    NOTHING,
    /** The first hop never served as a first hop. */
    @JsonProperty("first_hop")
    FIRST_HOP,
    /** The last hop never served as a last hop. */
    @JsonProperty("second_hop")
    SECOND_HOP,
    /** Neither hop served in a taught composition. */
    @JsonProperty("both")
    BOTH
}

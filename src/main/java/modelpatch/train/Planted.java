package modelpatch.train;

/** What training withheld from a composition that was not taught: the cause of its failure, if it fails, known from the world alone. */
public enum Planted {
    /** Both hops serve in taught chains, in the same places; only this pair was never put together. */
    NOTHING,
    /** The first hop never served as a first hop. */
    FIRST_HOP,
    /** The last hop never served as a last hop. */
    SECOND_HOP,
    /** Neither did. */
    BOTH
}

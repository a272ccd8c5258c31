package modelpatch.patch;

/** What the gates said about a patch. */
public enum GateVerdict {
    /** All gates held. */
    PASSED,
    /** A gate failed and the patch was written all the same, on demand. */
    FORCED,
    /** The patch was never measured against gates. */
    NOT_JUDGED
}

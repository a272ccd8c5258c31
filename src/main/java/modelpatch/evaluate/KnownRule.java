package modelpatch.evaluate;

/** On which of its prompts a single hop must be right for a model to be said to know it. */
public enum KnownRule {
    /** On the primary prompt. */
    PRIMARY,
    /** On every prompt of the protocol's form; luck with a small range of answers needs this. */
    ALL_TEMPLATES
}

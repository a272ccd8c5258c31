package modelpatch.edit;

/** What a prompt is for in an edit. */
public enum Role {
    /** Compositions that must change; one row per case and template. */
    EDIT,
    /** Guides of the same cases and templates, row for row: what the compositions should become. */
    GUIDE,
    /** Sentences that speak of what the first hops lead to, by their phrase; label-free, and about no relation that is asked. */
    MENTION,
    /** The same sentences with the bridge by name, row for row. */
    NAMED,
    /** What each case's subject is, "X is a", for editors that are told answers; none where a vocabulary cannot write it. */
    ESSENCE,
    /** Prompts near the cases that must stay: single hops, the same relations of others. */
    PROTECTED,
    /** Generic prompts that must stay, the same for every case. */
    BANK
}

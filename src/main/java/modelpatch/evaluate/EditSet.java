package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The sets by which an edit of some cases is judged. */
public enum EditSet {
    /** The edited cases themselves, as they were found: their primary composition. Judged by r_C. */
    CORRECTION(true),
    /** The edited cases in other words. Judged by r_C. */
    PARAPHRASE(true),
    /** Same subject and hops up to the bridge, another last hop, which the model knows. Judged by r_C. */
    GENERALISATION(true),
    /** Other subjects with the same bridge and last relation. Judged by r_C, apart from the rest. */
    SIBLINGS(true),
    /** Same relations, another bridge and answer. Judged by 1 - r_O. */
    SPECIFICITY_RELATION(false),
    /** Nothing in common with the edited case. Judged by 1 - r_O. */
    SPECIFICITY_RANDOM(false),
    /** The single hops of the edited cases; of a single fact, other facts of its subject. Judged by 1 - r_O. */
    HOPS(false);

    private final boolean mustChange;

    EditSet(boolean mustChange) {
        this.mustChange = mustChange;
    }

    /** Whether what was wrong should become right; otherwise what was right should stay right. */
    public boolean mustChange() {
        return mustChange;
    }

    /** The name that JSON uses, in lower case. */
    @JsonValue
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}

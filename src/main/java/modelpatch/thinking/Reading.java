package modelpatch.thinking;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** How the answer is read off once a model has thought, or has not. */
public enum Reading {
    /** Its greedy continuation, matched to the accepted names. */
    GENERATED,
    /** The likeliest of the answer and its rivals of the same type, by the log-probability of the whole name. */
    RANKED,
    /** The likeliest letter of shuffled options. */
    LETTERS;

    /** The name that flags and files use. */
    @JsonValue
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}

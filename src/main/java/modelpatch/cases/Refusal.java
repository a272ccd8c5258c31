package modelpatch.cases;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** Why a chain of facts made no case. Each chain is refused for the first reason, in this order, that holds. */
public enum Refusal {
    /** Some hop's subject and relation have two objects in the facts. */
    AMBIGUOUS_FACT("a hop's subject and relation have two objects"),
    /** Some hop's relation has no sentences. */
    NO_SENTENCES("a hop's relation has no sentences"),
    /** The answer is one of the bridges. */
    ANSWER_IS_BRIDGE("the answer is a bridge"),
    /** The answer is the subject. */
    ANSWER_IS_SUBJECT("the answer is the subject"),
    /** A bridge is the subject, or two bridges are the same. */
    BRIDGE_REPEATS("a bridge is the subject or another bridge"),
    /** The answer or an alias of it can be read in a composition. */
    ANSWER_IN_PROMPT("the answer can be read in the prompt"),
    /** A bridge or an alias of it can be read in a composition, or in the single-hop prompt that asks for it. */
    BRIDGE_IN_PROMPT("a bridge can be read in the prompt"),
    /** The answer or an alias of it can be read in a guide prompt, so that copying would pass for knowing. */
    ANSWER_IN_GUIDE("the answer can be read in the guide prompt"),
    /** The bridges of a longer chain are on different sides of the suite. */
    BRIDGES_ON_BOTH_SIDES("its bridges are on different sides of the suite");

    private final String reason;

    Refusal(String reason) {
        this.reason = reason;
    }

    /** The reason in words, for tables. */
    public String reason() {
        return reason;
    }

    /** The name that JSON uses, in lower case. */
    @JsonValue
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}

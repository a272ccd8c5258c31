package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** What a wrong answer is, read from the predicted text and the facts alone. The first that fits counts, in this order. */
public enum WrongAnswer {
    /** No letter and no digit. */
    NOTHING("no word at all"),
    /** The implicit result itself: the second hop was not made. */
    BRIDGE("the bridge itself, where the first hop ends"),
    /** What the last relation gives for the subject: the first hop was left out. */
    SHORTCUT("the last hop asked of the subject, the hops before it skipped"),
    /** The subject again. */
    SUBJECT("the subject again"),
    /** What another relation gives for the bridge. */
    OTHER_FACT_OF_BRIDGE("another fact about the bridge"),
    /** What another relation gives for the subject. */
    OTHER_FACT_OF_SUBJECT("another fact about the subject"),
    /** What the last relation gives for some other entity: the right kind of answer for the wrong bridge. */
    OTHER_BRIDGE("the last hop asked of a wrong bridge: the right kind of answer for another entity"),
    /** Something that neither these facts nor this relation know. */
    OTHER("something else");

    private final String words;

    WrongAnswer(String words) {
        this.words = words;
    }

    /** What it is, in words for a reader who knows what a hop is. */
    public String words() {
        return words;
    }

    /** The name in files. */
    @JsonValue
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of that name. */
    @JsonCreator
    public static WrongAnswer of(String key) {
        return Arrays.stream(values())
                .filter(kind -> kind.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kind of wrong answer: " + key));
    }
}

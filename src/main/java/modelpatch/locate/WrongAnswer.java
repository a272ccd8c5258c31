package modelpatch.locate;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** What a wrong answer is, read from the predicted text and the facts alone. The first that fits counts, in this order. */
public enum WrongAnswer {
    /** No letter and no digit. */
    NOTHING("nothing"),
    /** The implicit result itself: the second hop was not made. */
    BRIDGE("the bridge"),
    /** What the last relation gives for the subject: the first hop was left out. */
    SHORTCUT("the last relation of the subject"),
    /** The subject again. */
    SUBJECT("the subject"),
    /** What another relation gives for the bridge. */
    OTHER_FACT_OF_BRIDGE("another fact of the bridge"),
    /** What another relation gives for the subject. */
    OTHER_FACT_OF_SUBJECT("another fact of the subject"),
    /** What the last relation gives for some other entity: the right kind of answer for the wrong bridge. */
    OTHER_BRIDGE("the last relation of another bridge"),
    /** None of these. */
    OTHER("something else");

    private final String words;

    WrongAnswer(String words) {
        this.words = words;
    }

    /** In words. */
    public String words() {
        return words;
    }

    /** The name in files. */
    @JsonValue
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static WrongAnswer of(String key) {
        return Arrays.stream(values())
                .filter(kind -> kind.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no kind of wrong answer: " + key));
    }
}

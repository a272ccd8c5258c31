package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/**
 * Why an answer that counts as wrong may be right, so that somebody should read it before it passes for a failure. The first that fits counts,
 * in this order; none of them makes an answer right.
 */
public enum Artefact {
    /** An accepted name stands in what was said, but not at its beginning. */
    LATER_IN_TEXT("right later in the text"),
    /** The facts know what was said as another name of the answer, which the case does not accept because it names something else too. */
    ANOTHER_NAME("right under another name in the facts"),
    /** What was said is a part of an accepted name. */
    PART_OF_NAME("a part of the answer's name");

    private final String words;

    Artefact(String words) {
        this.words = words;
    }

    /** What it is, in words. */
    public String words() {
        return words;
    }

    /** The name in files. */
    @JsonValue
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The one of that name. */
    @JsonCreator
    public static Artefact of(String key) {
        return Arrays.stream(values())
                .filter(one -> one.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no artefact: " + key));
    }
}

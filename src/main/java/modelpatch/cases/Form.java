package modelpatch.cases;

import java.util.Locale;

/** How a prompt asks for its answer. */
public enum Form {
    /** A sentence that stops right where its answer follows: {@code The capital of France is}. */
    CLOZE("", ""),
    /** A question, shown to a model as {@code Q: What is the capital of France?\nA:}. */
    QUESTION("Q: ", "\nA:");

    private final String before;
    private final String after;

    Form(String before, String after) {
        this.before = before;
        this.after = after;
    }

    /** What a model reads before the text. */
    public String before() {
        return before;
    }

    /** What a model reads after the text, right before the answer (which starts with a space). */
    public String after() {
        return after;
    }

    /** The name that files use, in lower case. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}

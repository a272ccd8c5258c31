package modelpatch;

import java.util.regex.Pattern;

/**
 * Text of strangers made safe to print: what a terminal would obey, or a reader could not see, is written out as an escape. A patch's reason
 * could clear the screen otherwise, or add a line that looks like one of ours.
 */
public final class Visible {
    /** Control characters of both kinds, marks that turn the direction of text, line and paragraph separators. */
    private static final String UNSEEN = "\\p{Cc}\\u2028\\u2029\\u202A-\\u202E\\u2066-\\u2069";

    private static final Pattern IN_A_LINE = Pattern.compile("[" + UNSEEN + "]");
    private static final Pattern IN_TEXT = Pattern.compile("[" + UNSEEN + "&&[^\\n\\t]]");

    private Visible() {}

    /** On one line. */
    public static String line(String text) {
        return escaped(text, IN_A_LINE);
    }

    /** Where line feeds and tabs may stay. */
    public static String text(String text) {
        return escaped(text, IN_TEXT);
    }

    private static String escaped(String text, Pattern unseen) {
        return unseen.matcher(text)
                .replaceAll(match -> match.group().equals("\n")
                        ? "\\\\n"
                        : Numbers.format("\\\\u%04x", (int) match.group().charAt(0)));
    }
}

package modelpatch.guide;

import java.util.List;
import modelpatch.cases.Query;
import modelpatch.evaluate.AnswerMatch;

/**
 * Reads the answer out of text that may go by way of the bridge. No gold is looked at: where the second sentence is the last hop asked of what
 * the first sentence says, its end is the answer; otherwise the first sentence is.
 */
public final class Chain {
    private static final int SENTENCES = 2;

    private Chain() {}

    /**
     * The answer that a text comes to.
     *
     * @param text what was written after the prompt
     * @param asked the prompt, whose template asks the last hop
     */
    public static String answer(String text, Query asked) {
        String first = AnswerMatch.answer(text);
        String line = AnswerMatch.firstLine(text);
        int at = line.indexOf(first);
        String rest = at < 0 ? "" : line.substring(at + first.length()).replaceFirst("^[.\\s]+", "");
        for (String named : List.of(first, "the " + first)) {
            String restated = asked.template().fill(named).text();
            if (!first.isBlank() && rest.startsWith(restated)) {
                return AnswerMatch.answer(rest.substring(restated.length()));
            }
        }
        return first;
    }

    /** Whether a text went by way of a bridge. */
    public static boolean isChain(String text, Query asked) {
        return !answer(text, asked).equals(AnswerMatch.answer(text));
    }

    /** Whether nothing more need be written: two sentences, or a line. */
    public static boolean finished(String text) {
        long points = text.chars().filter(c -> c == '.').count();
        return points >= SENTENCES || text.strip().indexOf('\n') >= 0;
    }
}

package modelpatch.evaluate;

import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When a continuation counts as an answer: rule {@value #VERSION}, which every protocol identity names.
 *
 * <ol>
 *   <li>Only what the model wrote is read, never the prompt, and of that only the first line.
 *   <li>A line without a letter or number is {@link Verdict#UNPARSED}.
 *   <li>A leading "the", "a" or "an" may be left out or added.
 *   <li>It is right where it begins with an accepted name that ends at the end of a word: "Paris, the capital" is Paris, "Parisian" is not,
 *       "the city of Paris" is not. What follows the name is not judged ("New York City" is taken for New York); {@link #whole} tells
 *       the stricter case.
 *   <li>Compared are letters, numbers and distinguishing signs in their order. Upper and lower case are the same, except for names of up to
 *       four characters without a lower-case letter ("US" is not "us"). Accents are dropped ("Zurich", "Orban"), and letters may be written
 *       in the usual Latin ways ("Lodz", "Soeren", "Djokovic"); compatibility forms are unfolded (NFKD); "&amp;" is "and"; what cannot be seen
 *       counts for nothing.
 *   <li>Numbers are compared as numbers, whole: 1,234 is 1234, 3.14 is not 3, -5 is not 5, 1.0 is 1 and not 10 (see {@link Numeral}).
 *   <li>Signs behind a word tell it apart: C++, C#, A+ and A- are not C or A.
 *   <li>Words must be parted at the same places. Punctuation parts words like a space does, but the points of initials, and hyphens and
 *       apostrophes inside words may be left out: "Washington DC", "J.K. Rowling", "Stratford upon Avon", "Hawaii". A name ends at none of
 *       these but an initial's point: "Guinea-Bissau" is not Guinea, "1914-1918" is not 1914.
 *   <li>Ideographs and kana are words of one character each.
 * </ol>
 */
public final class AnswerMatch {
    /** Number of the rule above; a change of the rule changes it. */
    public static final int VERSION = 2;

    private static final int SHORT_NAME = 4;
    private static final Pattern LINE_END = Pattern.compile("\\R");

    /** A mark that may end a sentence: before white space or the end of the line. */
    private static final Pattern SENTENCE_END = Pattern.compile("([.!?。！？])(?=[\\s\"'”’)]|$)");

    /** What often stands before a point inside a name. */
    private static final Set<String> ABBREVIATIONS = Set.of(
            "dr", "mr", "mrs", "ms", "prof", "st", "ste", "mt", "ft", "jr", "sr", "inc", "ltd", "co", "corp", "bros",
            "no", "vs", "gen", "col", "capt", "lt", "sgt", "rev", "gov", "sen", "rep", "hon", "messrs", "mlle", "mme");

    private AnswerMatch() {}

    /** What to make of a continuation; it is right where any of the names matches. */
    public static Verdict judge(String continuation, Collection<String> names) {
        String line = firstLine(continuation);
        if (Spelling.of(line, true).isEmpty()) {
            return Verdict.UNPARSED;
        }
        return names.stream().anyMatch(name -> startsWith(line, name)) ? Verdict.RIGHT : Verdict.WRONG;
    }

    /** Whether a text begins with a name, by the rule above. */
    public static boolean startsWith(String text, String name) {
        Spelling wanted = Spelling.of(name, foldsCase(name)).withoutArticle();
        Spelling found = Spelling.of(text, foldsCase(name));
        return found.startsWith(wanted) || found.withoutArticle().startsWith(wanted);
    }

    /** Whether a continuation's {@link #answer} is one of the names and nothing more, by the rule above. */
    public static boolean whole(String continuation, Collection<String> names) {
        String answer = answer(continuation);
        return names.stream().anyMatch(name -> {
            Spelling wanted = Spelling.of(name, foldsCase(name)).withoutArticle();
            Spelling found = Spelling.of(answer, foldsCase(name));
            return found.is(wanted) || found.withoutArticle().is(wanted);
        });
    }

    /** The first line of a continuation, without white space around it. */
    public static String firstLine(String continuation) {
        return LINE_END.split(continuation, 2)[0].strip();
    }

    /**
     * What a continuation says, for people and for a second question: its first line up to the end of its first sentence, the point left
     * out. The point of an initial or of a common abbreviation ends no sentence.
     */
    public static String answer(String continuation) {
        String line = firstLine(continuation);
        int end = sentenceEnd(line);
        return end < 0 ? line : line.substring(0, end).strip();
    }

    /** Whether a name would be cut by {@link #answer}. */
    static boolean holdsSentenceEnd(String name) {
        int end = sentenceEnd(name);
        return end >= 0 && end < name.strip().length() - 1;
    }

    /**
     * Whether a greedy continuation need not go on.
     *
     * @param atSentenceEnd whether the end of a sentence is enough, or only the end of the line
     */
    static boolean finished(String continuation, boolean atSentenceEnd) {
        if (LINE_END.matcher(continuation).find()) {
            return true;
        }
        String line = continuation.strip();
        int end = atSentenceEnd ? sentenceEnd(line) : -1;
        // A point after a digit may turn out to stand inside a number.
        boolean open = end == line.length() - 1 && end > 0 && Character.isDigit(line.charAt(end - 1));
        return end >= 0 && !open;
    }

    /** Index of the mark that ends the first sentence of a line, or -1. */
    private static int sentenceEnd(String line) {
        Matcher marks = SENTENCE_END.matcher(line);
        while (marks.find()) {
            String word = lastWord(line.substring(0, marks.start()));
            boolean point = marks.group(1).equals(".");
            boolean initial = word.codePointCount(0, word.length()) == 1 && Character.isLetter(word.codePointAt(0));
            if (!point || !(initial || ABBREVIATIONS.contains(word.toLowerCase(Locale.ROOT)))) {
                return marks.start();
            }
        }
        return -1;
    }

    /** The letters and digits that touch the end of a text. */
    private static String lastWord(String text) {
        int start = text.length();
        while (start > 0 && Character.isLetterOrDigit(text.codePointBefore(start))) {
            start -= Character.charCount(text.codePointBefore(start));
        }
        return text.substring(start);
    }

    private static boolean foldsCase(String name) {
        return name.length() > SHORT_NAME || name.codePoints().anyMatch(Character::isLowerCase);
    }
}

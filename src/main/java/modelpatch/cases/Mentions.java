package modelpatch.cases;

import java.util.Collection;
import java.util.Optional;

/**
 * Whether a name can be read in a text. A name is read at word boundaries: no letter or digit touches it on either side. Upper and lower
 * case are the same, except for short names in capitals ({@code US}, {@code UK}), which are read only as they are spelled.
 */
public final class Mentions {
    /** Up to this length a name all in capitals may be a common word in lower case ({@code us}, {@code it}). */
    private static final int SHORT = 4;

    private Mentions() {}

    /** Where the name is first read in the text at or after {@code from}, as an index, or -1. */
    static int indexOf(String name, String text, int from) {
        boolean foldCase = !inShortCapitals(name);
        for (int at = Math.max(0, from); !name.isEmpty() && at + name.length() <= text.length(); at++) {
            if (text.regionMatches(foldCase, at, name, 0, name.length()) && bounded(text, at, at + name.length())) {
                return at;
            }
        }
        return -1;
    }

    /** Whether the name is read anywhere in the text. */
    public static boolean readable(String name, String text) {
        return indexOf(name, text, 0) >= 0;
    }

    /** The first of the names that is read in the text. */
    static Optional<String> firstReadable(Collection<String> names, String text) {
        return names.stream().filter(name -> readable(name, text)).findFirst();
    }

    private static boolean inShortCapitals(String name) {
        return name.length() <= SHORT && name.chars().noneMatch(Character::isLowerCase);
    }

    private static boolean bounded(String text, int start, int end) {
        boolean freeBefore = start == 0 || !Character.isLetterOrDigit(text.codePointBefore(start));
        boolean freeAfter = end == text.length() || !Character.isLetterOrDigit(text.codePointAt(end));
        return freeBefore && freeAfter;
    }
}

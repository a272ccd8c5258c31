package modelpatch.evaluate;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What remains of a text when it is compared with a name: its letters and digits in order, and how each is parted from the next.
 *
 * <p>Accents are dropped (U+0300 to U+036F after NFKD), {@code &} is read as "and", everything else that is neither letter, digit nor mark
 * only parts what stands around it.
 */
final class Spelling {
    /** How a character is parted from the next one. */
    private enum Break {
        /** Not at all. */
        NONE,
        /** By an apostrophe, a hyphen, or a point or comma between digits: may be left out ("Coca Cola", "1000"), but ends no name. */
        INSIDE,
        /** By the point after an initial: may be left out ("DC", "J.K."), and a name may end there. */
        INITIAL,
        /** By anything else, or by the end of the text: must be there on both sides. */
        WORD
    }

    private static final Set<String> ARTICLES = Set.of("the", "a", "an");

    private final List<Integer> characters = new ArrayList<>();
    private final List<Break> breaks = new ArrayList<>();

    private Spelling() {}

    /**
     * The spelling of a text.
     *
     * @param foldCase whether upper and lower case are the same
     */
    static Spelling of(String text, boolean foldCase) {
        Spelling spelling = new Spelling();
        String plain = Normalizer.normalize(text.replace("&", " and "), Normalizer.Form.NFKD);
        // By way of upper case, so that sharp s becomes "ss".
        int[] points = (foldCase ? plain.toUpperCase(Locale.ROOT) : plain)
                .codePoints()
                .filter(c -> c < 0x300 || c > 0x36F)
                .map(c -> foldCase ? Character.toLowerCase(c) : c)
                .toArray();
        for (int at = 0; at < points.length; ) {
            int next = at + 1;
            while (next < points.length && !isWritten(points[next])) {
                next++;
            }
            if (isWritten(points[at])) {
                spelling.characters.add(points[at]);
                spelling.breaks.add(parting(points, at, next));
            }
            at = next;
        }
        return spelling;
    }

    boolean isEmpty() {
        return characters.isEmpty();
    }

    /** Whether this begins with all of the name, which ends where a word ends. */
    boolean startsWith(Spelling name) {
        return reads(name) && breaks.get(name.characters.size() - 1) != Break.INSIDE;
    }

    /** Whether this is the name and nothing else. */
    boolean is(Spelling name) {
        return reads(name) && characters.size() == name.characters.size();
    }

    private boolean reads(Spelling name) {
        int last = name.characters.size() - 1;
        if (name.isEmpty() || characters.size() <= last || breaks.get(last) == Break.NONE) {
            return false;
        }
        for (int i = 0; i <= last; i++) {
            boolean agree = i == last || agree(breaks.get(i), name.breaks.get(i));
            if (!agree || !characters.get(i).equals(name.characters.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** A word must end on both sides or on none, except where a hyphen or an initial's point leaves that open. */
    private static boolean agree(Break one, Break other) {
        boolean open = isOpen(one) || isOpen(other);
        return open || one == other;
    }

    private static boolean isOpen(Break kind) {
        return kind == Break.INSIDE || kind == Break.INITIAL;
    }

    private static boolean isWritten(int point) {
        int type = Character.getType(point);
        return Character.isLetterOrDigit(point)
                || type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK;
    }

    /** How the character at {@code at} is parted from the one at {@code next}, given all that stands between. */
    private static Break parting(int[] points, int at, int next) {
        if (next == points.length || standsAlone(points[at]) || standsAlone(points[next])) {
            return Break.WORD;
        }
        int between = next - at - 1;
        if (between == 0) {
            return Break.NONE;
        }
        int mark = points[at + 1];
        if (between == 1 && ("'’‘ʼ-‐‑".indexOf(mark) >= 0 || isInNumber(points, at, next, mark))) {
            return Break.INSIDE;
        }
        boolean initial = mark == '.' && Character.isLetter(points[at]) && startsWord(points, at);
        boolean nextInitial = next + 1 >= points.length || !isWritten(points[next + 1]);
        boolean nothingElse = between == 1 || (between == 2 && Character.isWhitespace(points[at + 2]));
        return initial && nextInitial && nothingElse && Character.isLetter(points[next]) ? Break.INITIAL : Break.WORD;
    }

    private static boolean isInNumber(int[] points, int at, int next, int mark) {
        return (mark == '.' || mark == ',') && Character.isDigit(points[at]) && Character.isDigit(points[next]);
    }

    private static boolean startsWord(int[] points, int at) {
        return at == 0 || !isWritten(points[at - 1]);
    }

    /** Scripts without spaces: each character is a word of its own. */
    private static boolean standsAlone(int point) {
        Character.UnicodeScript script = Character.UnicodeScript.of(point);
        return Character.isIdeographic(point)
                || script == Character.UnicodeScript.HIRAGANA
                || script == Character.UnicodeScript.KATAKANA;
    }

    /** The same without a leading "the", "a" or "an" that is followed by another word. */
    Spelling withoutArticle() {
        int end = breaks.indexOf(Break.WORD);
        StringBuilder word = new StringBuilder();
        for (int i = 0; i <= end; i++) {
            word.appendCodePoint(Character.toLowerCase(characters.get(i)));
        }
        boolean oneWord = end >= 0 && breaks.subList(0, end).stream().allMatch(kind -> kind == Break.NONE);
        if (!oneWord || end == breaks.size() - 1 || !ARTICLES.contains(word.toString())) {
            return this;
        }
        Spelling rest = new Spelling();
        rest.characters.addAll(characters.subList(end + 1, characters.size()));
        rest.breaks.addAll(breaks.subList(end + 1, breaks.size()));
        return rest;
    }
}

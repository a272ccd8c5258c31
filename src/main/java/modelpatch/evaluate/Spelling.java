package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What remains of a text when it is compared with a name: its letters, numbers and distinguishing signs in order, and how each is parted
 * from the next. Everything else only parts what stands around it.
 */
final class Spelling {
    /** How a unit is parted from the next one. */
    private enum Break {
        /** Not at all. */
        NONE,
        /** By an apostrophe or a hyphen: may be left out ("Coca Cola"), but ends no name. */
        INSIDE,
        /** By the point after an initial: may be left out ("DC", "J.K."), and a name may end there. */
        INITIAL,
        /** By a hyphen, a dash or the like between numbers: must be there or be a space, and ends no name ("1914-1918" is not 1914). */
        RANGE,
        /** By anything else, or by the end of the text: must be there on both sides. */
        WORD;

        /** May be there or not. */
        boolean isOpen() {
            return this == INSIDE || this == INITIAL;
        }

        boolean agreesWith(Break other) {
            return isOpen() || other.isOpen() || (this == NONE) == (other == NONE);
        }
    }

    /**
     * A letter, a number or a sign.
     *
     * @param spellings how it may be written, the usual way first
     * @param start where it begins in the plain text
     * @param end where it ends there
     */
    private record Unit(List<String> spellings, int start, int end, boolean number) {
        boolean standsAlone() {
            int point = spellings.get(0).codePointAt(0);
            Character.UnicodeScript script = Character.UnicodeScript.of(point);
            return Character.isIdeographic(point)
                    || script == Character.UnicodeScript.HIRAGANA
                    || script == Character.UnicodeScript.KATAKANA;
        }

        boolean isLetter() {
            return Character.isLetter(spellings.get(0).codePointAt(0));
        }
    }

    private static final Set<String> ARTICLES = Set.of("the", "a", "an");
    private static final int LONGEST_ARTICLE = 3;

    private static final String BETWEEN_LETTERS = "'-‐";
    private static final String BETWEEN_NUMBERS = BETWEEN_LETTERS + "−–,+";

    /**
     * Signs that tell names apart, right behind a word: C++, C#, B♭, A+; a minus or a star only behind one or two letters (A-, Cl-, A*), since
     * longer words may have a dash or an emphasis there.
     */
    private static final Pattern SIGN =
            Pattern.compile("(?<=[\\p{L}\\p{M}\\d])(?:\\+\\+(?!\\+)|\\+(?![+\\p{L}\\p{M}\\d]))"
                    + "|(?<=[\\p{L}\\p{M}])[#♭](?![#\\p{L}\\p{M}\\d])"
                    + "|(?<=(?<![\\p{L}\\p{M}\\d*'‐-])\\p{L}{1,2})[-−*](?![-−*\\p{L}\\p{M}\\d])");

    private final List<Unit> units;
    private final List<Break> breaks;

    private Spelling(List<Unit> units, List<Break> breaks) {
        this.units = units;
        this.breaks = breaks;
    }

    /**
     * The spelling of a text.
     *
     * @param foldCase whether upper and lower case are the same
     */
    static Spelling of(String text, boolean foldCase) {
        String plain = PlainText.of(text);
        List<Unit> units = new ArrayList<>();
        for (int at = 0; at < plain.length(); ) {
            Optional<Unit> unit = unit(plain, at, units, foldCase);
            unit.ifPresent(units::add);
            at = unit.map(Unit::end).orElse(at + Character.charCount(plain.codePointAt(at)));
        }
        List<Break> breaks = new ArrayList<>();
        for (int i = 0; i < units.size(); i++) {
            breaks.add(parting(plain, units, i));
        }
        return new Spelling(units, breaks);
    }

    /** What begins at a place; empty for what only parts. */
    private static Optional<Unit> unit(String plain, int at, List<Unit> before, boolean foldCase) {
        Optional<Numeral> number = Numeral.at(plain, at, atMostAnArticle(before));
        if (number.isPresent()) {
            return Optional.of(
                    new Unit(List.of(number.get().text()), at, number.get().end(), true));
        }
        int point = plain.codePointAt(at);
        int end = at + Character.charCount(point);
        if (isWritten(point)) {
            int marksEnd = end;
            while (marksEnd < plain.length() && isAccent(plain.charAt(marksEnd))) {
                marksEnd++;
            }
            List<String> spellings = Latin.spellings(point, plain.substring(end, marksEnd)).stream()
                    .map(one -> foldCase ? folded(one) : one)
                    .toList();
            return Optional.of(new Unit(spellings, at, marksEnd, false));
        }
        Matcher sign = SIGN.matcher(plain).region(at, plain.length()).useTransparentBounds(true);
        return sign.lookingAt()
                ? Optional.of(new Unit(List.of(sign.group().replace('−', '-')), at, sign.end(), false))
                : Optional.empty();
    }

    /** By way of upper case, so that letters with two small forms become one. */
    private static String folded(String spelling) {
        return spelling.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }

    private static boolean atMostAnArticle(List<Unit> units) {
        return units.isEmpty() || (units.size() <= LONGEST_ARTICLE && ARTICLES.contains(word(units)));
    }

    private static String word(List<Unit> units) {
        return units.stream()
                .map(unit -> unit.spellings().get(0))
                .collect(Collectors.joining())
                .toLowerCase(Locale.ROOT);
    }

    private static boolean isAccent(int point) {
        return point >= 0x300 && point <= 0x36F;
    }

    private static boolean isWritten(int point) {
        int type = Character.getType(point);
        return Character.isLetterOrDigit(point)
                || (type == Character.NON_SPACING_MARK && !isAccent(point))
                || type == Character.COMBINING_SPACING_MARK;
    }

    /** How a unit is parted from the next one, given all that stands between. */
    private static Break parting(String plain, List<Unit> units, int index) {
        if (index == units.size() - 1) {
            return Break.WORD;
        }
        Unit one = units.get(index);
        Unit next = units.get(index + 1);
        String between = plain.substring(one.end(), next.start());
        if (one.standsAlone() || next.standsAlone()) {
            return Break.WORD;
        }
        if (between.isEmpty()) {
            return Break.NONE;
        }
        boolean single = between.length() == 1;
        if (one.number() && next.number()) {
            return single && BETWEEN_NUMBERS.contains(between) ? Break.RANGE : Break.WORD;
        }
        if (single && BETWEEN_LETTERS.contains(between)) {
            return Break.INSIDE;
        }
        boolean initial = one.isLetter() && (index == 0 || units.get(index - 1).end() < one.start());
        boolean nextInitial = next.isLetter()
                && (index + 2 == units.size()
                        || next.end() < units.get(index + 2).start());
        boolean point = between.equals(".") || (between.length() == 2 && between.matches("\\.\\s"));
        return initial && nextInitial && point ? Break.INITIAL : Break.WORD;
    }

    boolean isEmpty() {
        return units.isEmpty();
    }

    /** Whether this begins with all of the name, which ends where a word ends. */
    boolean startsWith(Spelling name) {
        return reads(name, last -> breaks.get(last) == Break.WORD || breaks.get(last) == Break.INITIAL);
    }

    /** Whether this is the name and nothing else. */
    boolean is(Spelling name) {
        return reads(name, last -> last == units.size() - 1);
    }

    private boolean reads(Spelling name, IntPredicate mayEnd) {
        return !isEmpty() && !name.isEmpty() && new Reading(name, mayEnd).goesOn(0, 0);
    }

    /** A comparison, letter by letter; where a letter has several spellings any of them will do. */
    private final class Reading {
        private final Spelling name;
        private final IntPredicate mayEnd;

        /** @param mayEnd whether the name may end at a unit of the text */
        Reading(Spelling name, IntPredicate mayEnd) {
            this.name = name;
            this.mayEnd = mayEnd;
        }

        /** Whether the text from one unit on says the name from another unit on. */
        boolean goesOn(int at, int inName) {
            return units.get(at).spellings().stream()
                    .anyMatch(mine -> name.units.get(inName).spellings().stream()
                            .anyMatch(wanted -> agrees(at, mine, inName, wanted)));
        }

        /**
         * Whether it does, given what is left to say of both units: one side may spell by two letters what the other has two units for.
         */
        private boolean agrees(int at, String mine, int inName, String wanted) {
            int common = Math.min(mine.length(), wanted.length());
            if (!mine.regionMatches(0, wanted, 0, common)) {
                return false;
            }
            String left = mine.substring(common);
            String owed = wanted.substring(common);
            boolean lastOfText = at == units.size() - 1;
            boolean lastOfName = inName == name.units.size() - 1;
            if (left.isEmpty() && owed.isEmpty()) {
                return lastOfName
                        ? mayEnd.test(at)
                        : !lastOfText
                                && breaks.get(at).agreesWith(name.breaks.get(inName))
                                && goesOn(at + 1, inName + 1);
            }
            if (left.isEmpty()) {
                return !lastOfText
                        && breaks.get(at) == Break.NONE
                        && units.get(at + 1).spellings().stream().anyMatch(next -> agrees(at + 1, next, inName, owed));
            }
            return !lastOfName
                    && name.breaks.get(inName) == Break.NONE
                    && name.units.get(inName + 1).spellings().stream()
                            .anyMatch(next -> agrees(at, left, inName + 1, next));
        }
    }

    /** The same without a leading "the", "a" or "an" that is followed by another word. */
    Spelling withoutArticle() {
        int end = breaks.indexOf(Break.WORD);
        boolean oneWord = end >= 0 && breaks.subList(0, end).stream().allMatch(kind -> kind == Break.NONE);
        if (!oneWord || end == breaks.size() - 1 || !ARTICLES.contains(word(units.subList(0, end + 1)))) {
            return this;
        }
        return new Spelling(units.subList(end + 1, units.size()), breaks.subList(end + 1, breaks.size()));
    }
}

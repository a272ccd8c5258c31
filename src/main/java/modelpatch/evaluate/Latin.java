package modelpatch.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How letters of the Latin script are usually written without their marks: {@code ł} as l, {@code ø} as o or oe, {@code ß} as ss.
 *
 * <p>Most letters with marks come apart into a base letter and combining marks (NFKD), and the marks are dropped. The letters here do not
 * come apart, or have a second spelling beside the bare one.
 */
final class Latin {
    private static final char DIAERESIS = '\u0308';
    private static final char RING = '\u030A';

    /** By lower-case letter, the usual spelling first. */
    private static final Map<Integer, List<String>> OWN = Map.ofEntries(
            letter('ß', "ss"),
            letter('æ', "ae", "e"),
            letter('œ', "oe", "e"),
            letter('ø', "o", "oe"),
            letter('đ', "d", "dj"),
            letter('ð', "d", "th", "dh"),
            letter('þ', "th"),
            letter('ı', "i"),
            letter('ȷ', "j"),
            letter('ŋ', "ng", "n"),
            letter('ĸ', "k", "q"),
            letter('ə', "a", "e"),
            letter('ǝ', "e"),
            letter('ɛ', "e"),
            letter('ɔ', "o"),
            letter('ɣ', "g", "gh"),
            letter('ʒ', "z", "zh"),
            letter('ƿ', "w"),
            letter('ỻ', "ll"),
            letter('ỽ', "v"),
            letter('ẟ', "d"));

    /** Letters whose name says what they are made of: L WITH STROKE, K WITH HOOK, D WITH TAIL. */
    private static final Pattern WITH =
            Pattern.compile("LATIN (?:SMALL|CAPITAL) LETTER (?:DOTLESS |LONG )?([A-Z]) WITH .*");

    private Latin() {}

    private static Map.Entry<Integer, List<String>> letter(char letter, String... spellings) {
        return Map.entry((int) letter, List.of(spellings));
    }

    /**
     * The spellings of a letter, in its own case; the letter itself where there is no other.
     *
     * @param letter a code point
     * @param marks the combining marks on it
     */
    static List<String> spellings(int letter, String marks) {
        int small = Character.toLowerCase(letter);
        List<String> spellings = OWN.getOrDefault(small, List.of());
        if (spellings.isEmpty()) {
            spellings = withMarks(base(small), marks);
        }
        return small == letter
                ? spellings
                : spellings.stream().map(one -> one.toUpperCase(Locale.ROOT)).toList();
    }

    private static String base(int small) {
        boolean foreign = small > 0x7F && Character.UnicodeScript.of(small) == Character.UnicodeScript.LATIN;
        Matcher made = WITH.matcher(foreign ? String.valueOf(Character.getName(small)) : "");
        return made.matches() ? made.group(1).toLowerCase(Locale.ROOT) : Character.toString(small);
    }

    /** Umlauts may be written with an e, å with a second a. */
    private static List<String> withMarks(String base, String marks) {
        if (marks.indexOf(DIAERESIS) >= 0 && "aou".contains(base)) {
            return List.of(base, base + "e");
        }
        return marks.indexOf(RING) >= 0 && base.equals("a") ? List.of("a", "aa") : List.of(base);
    }
}

package modelpatch.evaluate;

import java.text.Normalizer;

/**
 * A text with one character for what people and programs write by many: one apostrophe, European digits, compatibility forms unfolded
 * (NFKD), nothing that cannot be seen. Combining marks of the Latin script stay, behind their letters.
 */
final class PlainText {
    /** Apostrophes, single quotes, primes and accents that serve as such, letters that are written as such (ʻokina, hamza, ayn). */
    private static final String APOSTROPHES = "'’‘‛′`´ʹʻʼʽʾʿˈˊˋꞌ＇";

    /** Marks of trade and copyright. */
    private static final String LEGAL = "™℠®©";

    private static final String RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻";
    private static final char HYPHEN = '‐';
    private static final int ZERO_WIDTH_SPACE = 0x200B;

    private PlainText() {}

    static String of(String text) {
        StringBuilder plain = new StringBuilder();
        text.codePoints().forEach(point -> append(point, plain));
        String unfolded = Normalizer.normalize(plain, Normalizer.Form.NFKD).replace('ʼ', '\''); // ŉ comes apart
        StringBuilder seen = new StringBuilder();
        unfolded.codePoints().filter(point -> !isPoint(point)).forEach(seen::appendCodePoint);
        return seen.toString();
    }

    private static void append(int point, StringBuilder plain) {
        boolean afterDigit = !plain.isEmpty() && Character.isDigit(plain.charAt(plain.length() - 1));
        if (APOSTROPHES.indexOf(point) >= 0) {
            plain.append('\'');
        } else if (point == '&') {
            plain.append(" and ");
        } else if (point == ZERO_WIDTH_SPACE) {
            plain.append(HYPHEN); // a place where a long word may be parted
        } else if (Character.isDigit(point)) {
            plain.append(Character.digit(point, 10));
        } else if (RAISED.indexOf(point) >= 0) {
            plain.append(afterDigit ? "^" : "").appendCodePoint(point);
        } else if (point == '♯') {
            plain.append('#');
        } else if (point == '٫') {
            plain.append('.');
        } else if (point == '٬') {
            plain.append(',');
        } else if (isFraction(point)) {
            plain.append(afterDigit ? HYPHEN + "" : "")
                    .append(Normalizer.normalize(Character.toString(point), Normalizer.Form.NFKD)
                            .replace('⁄', '/'));
        } else if (!isInvisible(point) && LEGAL.indexOf(point) < 0) {
            plain.append(point == '⁄' ? "/" : Character.toString(point));
        }
    }

    /** A fraction in one character, such as ½. */
    private static boolean isFraction(int point) {
        return Character.getType(point) == Character.OTHER_NUMBER
                && Normalizer.normalize(Character.toString(point), Normalizer.Form.NFKD)
                                .indexOf('⁄')
                        > 0;
    }

    /** Soft hyphens, joiners, marks of direction, byte order marks, variation selectors, control characters, fillers. */
    private static boolean isInvisible(int point) {
        int type = Character.getType(point);
        return type == Character.FORMAT
                || (type == Character.CONTROL && !Character.isWhitespace(point))
                || (point >= 0xFE00 && point <= 0xFE0F)
                || (point >= 0xE0100 && point <= 0xE01EF)
                || point == 0x034F
                || point == 0x3164;
    }

    /** Vowel points of Hebrew and Arabic, and the stroke that widens an Arabic word: a name is the same without them. */
    private static boolean isPoint(int point) {
        return (point >= 0x0591 && point <= 0x05C7 && Character.getType(point) == Character.NON_SPACING_MARK)
                || (point >= 0x064B && point <= 0x065F)
                || point == 0x0670
                || point == 0x0640;
    }
}

package modelpatch.evaluate;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number in a {@link PlainText}: sign, digits with or without separators of thousands, decimal point or comma, power of ten.
 *
 * <p>Three digits behind a comma, a space, an apostrophe or one of several points are thousands (1,234 and 1.234.567), and so are the
 * groups of Indian numbers (12,34,567); what stands behind another comma or a single point is a fraction. Digits that other marks join
 * (10:30, 1/2, 3.10.2), and numbers that begin with a needless 0 (007), are themselves and no value.
 *
 * @param text the same for numbers that are the same; ends with {@code ;}, so that no number begins with another
 * @param end where the number ends in the plain text
 */
record Numeral(String text, int end) {
    private static final String MINUS = "-−–‐‑";
    private static final String SIGNS = MINUS + "+±";

    private static final String POWER =
            "(?:[eE](?<e>[-−+]?\\d{1,3})(?![\\p{L}\\d])" + "| ?[×xX*·⋅] ?10\\^(?<ten>[-−+]?\\d{1,3}))?";
    private static final String END = "(?!\\d|[.,:/^]\\d|\\^[-−+]\\d)";

    /** Ways to write a number that has a value, tried in this order. */
    private static final List<Pattern> VALUES = List.of(
            Pattern.compile(
                    "(?<whole>[1-9]\\d{0,2}(?<gap>[,. '_])\\d{3}(?:\\k<gap>\\d{3})*)(?:(?<point>[.,])(?<part>\\d+))?"
                            + POWER + END),
            Pattern.compile("(?<whole>[1-9]\\d?(?<gap>,)\\d\\d(?:,\\d\\d)*,\\d{3})(?:(?<point>\\.)(?<part>\\d+))?"
                    + POWER + END),
            Pattern.compile("(?<whole>\\d+)(?<gap>)(?:(?<point>[.,])(?<part>\\d+))?" + POWER + END),
            Pattern.compile("(?<whole>1)(?<gap>)(?<point>)(?<part>)0\\^(?<e>[-−+]?\\d{1,3})(?<ten>)" + END),
            Pattern.compile("(?<whole>)(?<gap>)(?<point>\\.)(?<part>\\d+)" + POWER + END));

    private static final Pattern JOINED = Pattern.compile("\\d+(?:[.,:/]\\d+|\\^[-−+]?\\d+)*");

    /**
     * The number that begins at a place, if one does.
     *
     * @param first whether it begins the text: then 2.50 is 2.5. Behind words the last zeros may tell versions apart (Python 3.10), and stay
     */
    static Optional<Numeral> at(String plain, int start, boolean first) {
        boolean free = start == 0 || isFree(plain.codePointBefore(start));
        char sign = plain.charAt(start);
        if (SIGNS.indexOf(sign) < 0) {
            return body(plain, start, free, "", first);
        }
        int digits = start + 1;
        if (digits < plain.length() && Character.getType(plain.charAt(digits)) == Character.CURRENCY_SYMBOL) {
            digits++;
        }
        String written = MINUS.indexOf(sign) >= 0 ? "-" : sign == '+' ? "" : "±";
        return free && digits < plain.length() ? body(plain, digits, true, written, first) : Optional.empty();
    }

    /** Whether a sign or a point behind this character begins a number. */
    private static boolean isFree(int before) {
        return !Character.isLetterOrDigit(before)
                && Character.getType(before) != Character.NON_SPACING_MARK
                && (SIGNS + ")]}#").indexOf(before) < 0;
    }

    private static Optional<Numeral> body(String plain, int start, boolean free, String sign, boolean first) {
        char head = plain.charAt(start);
        if (!isDigit(head) && !(head == '.' && free)) {
            return Optional.empty();
        }
        for (Pattern way : VALUES) {
            Matcher found = way.matcher(plain).region(start, plain.length()).useTransparentBounds(true);
            if (found.lookingAt() && isSound(found)) {
                return Optional.of(new Numeral(sign(sign, value(found, first)) + ";", found.end()));
            }
        }
        Matcher joined = JOINED.matcher(plain).region(start, plain.length());
        return joined.lookingAt()
                ? Optional.of(new Numeral(sign + joined.group() + ";", joined.end()))
                : Optional.empty();
    }

    /** One point parts a fraction, not thousands; and what parts the thousands parts no fraction. */
    private static boolean isSound(Matcher found) {
        String gap = found.group("gap");
        String point = found.group("point");
        boolean onlyPoint = ".".equals(gap)
                && point == null
                && found.group("whole").indexOf('.') == found.group("whole").lastIndexOf('.');
        return !onlyPoint && (gap.isEmpty() || !gap.equals(point));
    }

    private static String value(Matcher found, boolean first) {
        String whole = found.group("whole").replaceAll("\\D", "");
        String part = found.group("part") == null ? "" : found.group("part");
        String power = found.group("e") != null ? found.group("e") : found.group("ten");
        String written = (whole.isEmpty() ? "0" : whole) + (part.isEmpty() ? "" : "." + part);
        boolean code = whole.length() > 1 && whole.startsWith("0");
        if (code || (power == null && !first)) {
            return written;
        }
        int exponent = power == null ? 0 : Integer.parseInt(power.replace('−', '-'));
        return new BigDecimal(written)
                .scaleByPowerOfTen(exponent)
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String sign(String sign, String value) {
        return value.equals("0") ? value : sign + value;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}

package modelpatch;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How numbers are written: with the digits and the point of {@link Locale#ROOT}, whatever language the user's machine speaks; what is undefined
 * reads {@code n/a}. No other class formats.
 */
public final class Numbers {
    private static final MathContext KEPT = new MathContext(6);

    private Numbers() {}

    /** A text with numbers in it, by a pattern of {@link java.util.Formatter}. */
    @FormatMethod
    public static String format(@FormatString String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }

    /** So many decimals: {@code 0.123}. */
    public static String decimal(double value, int decimals) {
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }

    /** A difference, its sign always shown: {@code +0.123}. */
    public static String signed(double value) {
        return format("%+.3f", value);
    }

    /** A size of any order of magnitude by four digits: {@code 0.01230}, {@code 1.230e-07}. */
    public static String size(double value) {
        return format("%.4g", value);
    }

    /** An error, of which the order of magnitude says most: {@code 1.23e-07}. */
    public static String error(double value) {
        return format("%.2e", value);
    }

    /** {@code 61.3 %}. */
    public static String percent(double share) {
        return percent(share, 1);
    }

    /** A share with so many decimals of its percentage. */
    public static String percent(double share, int decimals) {
        return decimal(100 * share, decimals) + " %";
    }

    /** {@code 61.3 %}. */
    public static String percent(OptionalDouble share) {
        return share.isEmpty() ? "n/a" : percent(share.getAsDouble());
    }

    /** {@code 0.613}, or {@code n/a}. */
    public static String rate(OptionalDouble rate) {
        return rate.isEmpty() ? "n/a" : decimal(rate.getAsDouble(), 3);
    }

    /** By six significant digits: more than float32 runs can promise, and files stay readable. */
    public static double rounded(double value) {
        return Double.isFinite(value) ? new BigDecimal(value).round(KEPT).doubleValue() : value;
    }
}

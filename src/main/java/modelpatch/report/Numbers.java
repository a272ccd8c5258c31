package modelpatch.report;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.Tally;

/** How numbers are written for a reader; what is undefined reads {@code n/a}. */
public final class Numbers {
    private Numbers() {}

    /** A share with its counts: {@code 61.3 % (98 of 160)}. */
    public static String share(Tally tally) {
        return percent(tally.rate()) + " (" + tally.successes() + " of " + tally.n() + ")";
    }

    /** {@code 61.3 %}. */
    public static String percent(double rate) {
        return percent(OptionalDouble.of(rate));
    }

    /** {@code 61.3 %}. */
    public static String percent(OptionalDouble rate) {
        return rate.isEmpty() ? "n/a" : String.format(Locale.ROOT, "%.1f %%", 100 * rate.getAsDouble());
    }

    /** {@code [53.1, 69.0]}, in per cent. */
    public static String percent(Optional<Interval> interval) {
        return interval.map(
                        limits -> String.format(Locale.ROOT, "[%.1f, %.1f]", 100 * limits.low(), 100 * limits.high()))
                .orElse("n/a");
    }

    /** Three decimals. */
    public static String decimal(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    /** {@code [0.123, 0.456]}. */
    public static String decimal(Optional<Interval> interval) {
        return interval.map(Interval::toString).orElse("n/a");
    }
}

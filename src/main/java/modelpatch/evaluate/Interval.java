package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import modelpatch.Numbers;
import org.apache.commons.statistics.interval.BinomialConfidenceInterval;

/**
 * A two-sided 95 % confidence interval; in JSON the array {@code [low, high]}.
 *
 * @param low lower limit, at most {@code high}
 * @param high upper limit
 */
public record Interval(double low, double high) {
    /** The share of such intervals that hold the true value: every interval of the toolkit has this level. */
    public static final double LEVEL = 0.95;

    public Interval {
        if (!(low <= high)) {
            throw new IllegalArgumentException("an interval from " + low + " to " + high);
        }
    }

    /**
     * The score interval of a proportion: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), with p = successes / n (Wilson 1927, JASA 22,
     * 209-212; no continuity correction). For independent items; items that share a bridge need {@link ClusterBootstrap}.
     *
     * @param successes how many of the n items succeeded, 0 to n
     * @param n number of items
     * @return empty where n is 0
     */
    public static Optional<Interval> wilson(long successes, long n) {
        if (successes < 0 || successes > n) {
            throw new IllegalArgumentException(successes + " successes among " + n + " items");
        }
        if (n == 0) {
            return Optional.empty();
        }
        // At 0 and n successes one limit is 0 or 1 exactly; rounding must not move it.
        var wilson = BinomialConfidenceInterval.WILSON_SCORE.fromErrorRate(
                Math.toIntExact(n), Math.toIntExact(successes), 1 - LEVEL);
        return Optional.of(new Interval(
                successes == 0 ? 0 : wilson.getLowerBound(), successes == n ? 1 : Math.min(1, wilson.getUpperBound())));
    }

    /**
     * The exact interval of a proportion (Clopper and Pearson 1934, Biometrika 26, 404-413): each limit alone holds at a confidence of
     * (1 + LEVEL) / 2 = 97.5 %, for any n. Wilson's is shorter and right on average; a verdict on few items must not be right on average.
     *
     * @param successes how many of the n independent items succeeded, 0 to n
     * @param n number of items
     * @return empty where n is 0
     */
    public static Optional<Interval> exact(long successes, long n) {
        if (successes < 0 || successes > n) {
            throw new IllegalArgumentException(successes + " successes among " + n + " items");
        }
        if (n == 0) {
            return Optional.empty();
        }
        var exact = BinomialConfidenceInterval.CLOPPER_PEARSON.fromErrorRate(
                Math.toIntExact(n), Math.toIntExact(successes), 1 - LEVEL);
        return Optional.of(new Interval(exact.getLowerBound(), exact.getUpperBound()));
    }

    /** Whether the value lies in the interval, limits included. */
    public boolean contains(double value) {
        return low <= value && value <= high;
    }

    /** The interval of 1 - x, for an interval of x. */
    public Interval complement() {
        return new Interval(1 - high, 1 - low);
    }

    @JsonCreator
    static Interval of(double[] limits) {
        if (limits.length != 2) {
            throw new IllegalArgumentException("an interval needs two limits, found " + limits.length);
        }
        return new Interval(limits[0], limits[1]);
    }

    @JsonValue
    double[] limits() {
        return new double[] {low, high};
    }

    /** For a reader, of a share in per cent: {@code [53.1, 69.0]}, or {@code n/a}. */
    public static String percent(Optional<Interval> interval) {
        return interval.map(limits -> Numbers.format("[%.1f, %.1f]", 100 * limits.low, 100 * limits.high))
                .orElse("n/a");
    }

    /** For a reader: {@code [0.123, 0.456]}, or {@code n/a}. */
    public static String decimal(Optional<Interval> interval) {
        return interval.map(Interval::toString).orElse("n/a");
    }

    @Override
    public String toString() {
        return Numbers.format("[%.3f, %.3f]", low, high);
    }
}

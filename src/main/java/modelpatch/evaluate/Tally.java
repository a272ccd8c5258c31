package modelpatch.evaluate;

import java.util.Collection;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.Numbers;
import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * Successes among n items.
 *
 * @param successes 0 to n
 * @param n number of items
 */
public record Tally(long successes, long n) {
    public static final Tally NONE = new Tally(0, 0);

    public Tally {
        if (successes < 0 || successes > n) {
            throw new IllegalArgumentException(successes + " successes among " + n + " items");
        }
    }

    /** The tally of a single item. */
    public static Tally of(boolean success) {
        return new Tally(success ? 1 : 0, 1);
    }

    public static Tally pool(Collection<Tally> tallies) {
        return tallies.stream().reduce(NONE, Tally::plus);
    }

    public Tally plus(Tally other) {
        return new Tally(successes + other.successes, n + other.n);
    }

    /** successes / n; empty where n is 0. */
    public OptionalDouble rate() {
        return n == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) successes / n);
    }

    /** The rate with its counts, for a reader: {@code 61.3 % (98 of 160)}. */
    public String share() {
        return Numbers.percent(rate()) + " (" + successes + " of " + n + ")";
    }

    /** Wilson's interval of the rate, for independent items; empty where n is 0. */
    public Optional<Interval> wilson() {
        return Interval.wilson(successes, n);
    }

    /** The exact interval of the rate, for verdicts on few independent items; empty where n is 0. */
    public Optional<Interval> exact() {
        return Interval.exact(successes, n);
    }

    /**
     * The chance that the true rate is at most that, after these items and Jeffreys' prior: the rate's distribution is Beta(successes + 1/2,
     * n - successes + 1/2) (Brown, Cai and DasGupta 2001, Statistical Science 16, 101-133).
     *
     * @param rate between 0 and 1, both excluded
     */
    public double chanceOfAtMost(double rate) {
        return BetaDistribution.of(successes + 0.5, n - successes + 0.5).cumulativeProbability(rate);
    }
}

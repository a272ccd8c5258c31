package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Collection;
import java.util.OptionalDouble;

/**
 * The same items judged twice: before and after a weight patch, answering fast and slow, without a remedy and with it.
 *
 * <p>With N the number of pairs and A the share that was right: r_C = n01 / (n01 + n00), r_O = n10 / (n10 + n11) and
 * delta = A_after - A_before = n01/N - n10/N = r_C (1 - A_before) - r_O A_before. The decomposition is that of arXiv 2507.18178, with the
 * 1/|D| that its equations 9 and 10 leave out.
 *
 * <p>An unparsed reply counts as wrong, so that the identity holds on all N pairs; {@code unparsed} says how many pairs hold one.
 *
 * @param n11 right before, right after
 * @param n10 right before, wrong after
 * @param n01 wrong before, right after
 * @param n00 wrong before, wrong after
 * @param unparsed pairs, counted above already, of which at least one reply was unparsed
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonPropertyOrder({"n11", "n10", "n01", "n00", "unparsed", "r_C", "r_O", "delta"})
public record PairedOutcome(long n11, long n10, long n01, long n00, long unparsed) {
    public static final PairedOutcome NONE = new PairedOutcome(0, 0, 0, 0, 0);

    public PairedOutcome {
        if (n11 < 0 || n10 < 0 || n01 < 0 || n00 < 0 || unparsed < 0) {
            throw new IllegalArgumentException("negative counts: n11 " + n11 + ", n10 " + n10 + ", n01 " + n01
                    + ", n00 " + n00 + ", unparsed " + unparsed);
        }
        if (unparsed > n10 + n01 + n00) {
            throw new IllegalArgumentException(
                    unparsed + " unparsed pairs among " + (n10 + n01 + n00) + " that hold a wrong reply");
        }
    }

    /** The table of a single item. */
    public static PairedOutcome of(Verdict before, Verdict after) {
        int unparsed = before == Verdict.UNPARSED || after == Verdict.UNPARSED ? 1 : 0;
        if (before.right()) {
            return after.right() ? new PairedOutcome(1, 0, 0, 0, 0) : new PairedOutcome(0, 1, 0, 0, unparsed);
        }
        return after.right() ? new PairedOutcome(0, 0, 1, 0, unparsed) : new PairedOutcome(0, 0, 0, 1, unparsed);
    }

    public static PairedOutcome pool(Collection<PairedOutcome> outcomes) {
        return outcomes.stream().reduce(NONE, PairedOutcome::plus);
    }

    public PairedOutcome plus(PairedOutcome other) {
        return new PairedOutcome(
                n11 + other.n11, n10 + other.n10, n01 + other.n01, n00 + other.n00, unparsed + other.unparsed);
    }

    /** N, the number of pairs. */
    public long total() {
        return n11 + n10 + n01 + n00;
    }

    /** What was wrong and became right, among what was wrong: the correction rate r_C is its rate. */
    public Tally corrected() {
        return new Tally(n01, n01 + n00);
    }

    /** What was right and became wrong, among what was right: the harm rate r_O is its rate. */
    public Tally harmed() {
        return new Tally(n10, n10 + n11);
    }

    /** What was right and stayed right, among what was right: specificity, 1 - r_O, is its rate. */
    public Tally kept() {
        return new Tally(n11, n10 + n11);
    }

    public Tally rightBefore() {
        return new Tally(n11 + n10, total());
    }

    public Tally rightAfter() {
        return new Tally(n11 + n01, total());
    }

    /** r_C; empty where nothing was wrong before. */
    @JsonProperty("r_C")
    public OptionalDouble correctionRate() {
        return corrected().rate();
    }

    /** r_O; empty where nothing was right before. */
    @JsonProperty("r_O")
    public OptionalDouble harmRate() {
        return harmed().rate();
    }

    /** (n01 - n10) / N, the change of the share that is right; empty where there is no pair. */
    @JsonProperty("delta")
    public OptionalDouble delta() {
        return total() == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) (n01 - n10) / total());
    }

    /** delta_C = n01 / N = r_C (1 - A_before), the share of all pairs that became right. */
    public Tally gained() {
        return new Tally(n01, total());
    }

    /** delta_O = n10 / N = r_O A_before, the share of all pairs that became wrong; delta = delta_C - delta_O. */
    public Tally lost() {
        return new Tally(n10, total());
    }

    public McNemar mcNemar() {
        return McNemar.exact(n10, n01);
    }
}

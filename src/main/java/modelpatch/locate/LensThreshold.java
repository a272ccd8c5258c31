package modelpatch.locate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.Estimate;
import modelpatch.evaluate.Interval;

/**
 * When a bridge counts as surfaced in the lens, and whether that means anything in this model.
 *
 * <p>k is the best rank over all blocks, at the end of the first hop's phrase, that {@link #SHARE} of the right cases reach. The test: in the
 * same readings, how often are other entities of the bridge's type within k? They are drawn from the bridges of other cases, as often as
 * they occur there, so that a frequent name does not pass for a surfacing one. The lens is informative where bridges are within k more
 * often by more than {@link #MARGIN}, with confidence: the lower limit of the difference, a cluster bootstrap by bridge, is above it.
 *
 * @param rightCases readings that went into it
 * @param k empty for fewer than {@link #FEWEST} right cases
 * @param rightWithin share of the right cases whose bridge is within k
 * @param randomWithin share of other entities within k in the same readings
 * @param difference interval of {@code rightWithin - randomWithin}
 * @param informative whether the test was passed
 */
public record LensThreshold(
        int rightCases,
        Optional<Integer> k,
        OptionalDouble rightWithin,
        OptionalDouble randomWithin,
        Optional<Interval> difference,
        boolean informative) {
    /** The share of right cases that k lets pass. */
    public static final double SHARE = 0.8;

    /** With fewer right cases, 80 % of them is a handful and k an accident. */
    public static final int FEWEST = 10;

    /** A difference smaller than this would make nearly every diagnosis by the lens a coin's toss. */
    public static final double MARGIN = 0.1;

    /**
     * One right case in the lens.
     *
     * @param bridge the bridge's name, which makes the clusters
     * @param bestRank its best rank over all blocks
     * @param otherRanks the best ranks of other entities of its type in the same reading
     */
    record Reading(String bridge, int bestRank, int[] otherRanks) {
        double othersWithin(int k) {
            return Arrays.stream(otherRanks).filter(rank -> rank <= k).count() / (double) otherRanks.length;
        }
    }

    /** The threshold that right cases give. */
    static LensThreshold of(List<Reading> right, ClusterBootstrap bootstrap) {
        List<Reading> usable =
                right.stream().filter(one -> one.otherRanks().length > 0).toList();
        if (usable.size() < FEWEST) {
            return new LensThreshold(
                    usable.size(),
                    Optional.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    Optional.empty(),
                    false);
        }
        List<Integer> ranks =
                new ArrayList<>(usable.stream().map(Reading::bestRank).sorted().toList());
        int k = ranks.get((int) Math.ceil(SHARE * ranks.size()) - 1);
        double within = usable.stream().filter(one -> one.bestRank() <= k).count() / (double) usable.size();
        double random = usable.stream()
                .mapToDouble(one -> one.othersWithin(k))
                .average()
                .orElseThrow();
        Estimate difference = Estimate.mean(
                usable, Reading::bridge, one -> (one.bestRank() <= k ? 1 : 0) - one.othersWithin(k), bootstrap);
        boolean informative = difference
                .interval()
                .filter(interval -> interval.low() > MARGIN)
                .isPresent();
        return new LensThreshold(
                usable.size(),
                Optional.of(k),
                OptionalDouble.of(within),
                OptionalDouble.of(random),
                difference.interval(),
                informative);
    }
}

package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One set of items before and after, with intervals, and the items that changed by id. Its JSON has the four counts and the rates beside
 * each other: {@code n11, n10, n01, n00, unparsed, r_C, r_C_ci, r_O, r_O_ci, delta, ...}.
 *
 * @param n11 right before, right after
 * @param n10 right before, wrong after
 * @param n01 wrong before, right after
 * @param n00 wrong before, wrong after
 * @param unparsed pairs, counted above already, of which a reply was unparsed
 * @param correctionInterval of r_C, by cluster
 * @param harmInterval of r_O, by cluster
 * @param parsedOnly the same without the pairs that hold an unparsed reply: how much they matter, not another headline
 * @param pValue exact McNemar over items; items of a cluster are not independent, so it is too sure where clusters are large
 * @param clusters how many different clusters the items come from
 * @param improved ids of the items that became right, in order
 * @param worsened ids of the items that became wrong, in order
 */
@JsonPropertyOrder({"n11", "n10", "n01", "n00", "unparsed", "r_C", "r_C_ci", "r_O", "r_O_ci", "delta"})
public record SetOutcome(
        long n11,
        long n10,
        long n01,
        long n00,
        long unparsed,
        @JsonProperty("r_C_ci") Optional<Interval> correctionInterval,
        @JsonProperty("r_O_ci") Optional<Interval> harmInterval,
        PairedOutcome parsedOnly,
        @JsonProperty("mcnemar_p") double pValue,
        int clusters,
        List<String> improved,
        List<String> worsened) {
    public SetOutcome {
        improved = List.copyOf(improved);
        worsened = List.copyOf(worsened);
    }

    /**
     * One item judged twice.
     *
     * @param id names the item in lists of what changed
     * @param cluster the bridge of the case that the item belongs to
     */
    public record Pair(String id, String cluster, Verdict before, Verdict after) {
        PairedOutcome outcome() {
            return PairedOutcome.of(before, after);
        }

        boolean parsed() {
            return before != Verdict.UNPARSED && after != Verdict.UNPARSED;
        }
    }

    public static SetOutcome of(Collection<Pair> pairs, ClusterBootstrap bootstrap) {
        Map<String, PairedOutcome> byCluster = new TreeMap<>();
        pairs.forEach(pair -> byCluster.merge(pair.cluster(), pair.outcome(), PairedOutcome::plus));
        PairedOutcome all = PairedOutcome.pool(byCluster.values());
        return new SetOutcome(
                all.n11(),
                all.n10(),
                all.n01(),
                all.n00(),
                all.unparsed(),
                bootstrap.rate(tallies(byCluster, PairedOutcome::corrected)),
                bootstrap.rate(tallies(byCluster, PairedOutcome::harmed)),
                PairedOutcome.pool(
                        pairs.stream().filter(Pair::parsed).map(Pair::outcome).toList()),
                all.mcNemar().pValue(),
                byCluster.size(),
                ids(pairs, false, true),
                ids(pairs, true, false));
    }

    /** The four counts as one table. */
    public PairedOutcome pairs() {
        return new PairedOutcome(n11, n10, n01, n00, unparsed);
    }

    /** r_C; empty where nothing was wrong before. */
    @JsonProperty(value = "r_C", access = JsonProperty.Access.READ_ONLY)
    public OptionalDouble correctionRate() {
        return pairs().correctionRate();
    }

    /** r_O; empty where nothing was right before. */
    @JsonProperty(value = "r_O", access = JsonProperty.Access.READ_ONLY)
    public OptionalDouble harmRate() {
        return pairs().harmRate();
    }

    /** The change of the share that is right; empty without items. */
    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    public OptionalDouble delta() {
        return pairs().delta();
    }

    /** What the set is judged by: the corrected among the wrong for a set that must change, else the kept among the right. */
    public Tally judged(EditSet set) {
        return set.mustChange() ? pairs().corrected() : pairs().kept();
    }

    /** The interval of the rate of {@link #judged}. */
    public Optional<Interval> judgedInterval(EditSet set) {
        return set.mustChange() ? correctionInterval : harmInterval.map(Interval::complement);
    }

    private static Map<String, Tally> tallies(
            Map<String, PairedOutcome> byCluster, Function<PairedOutcome, Tally> tally) {
        Map<String, Tally> tallies = new TreeMap<>();
        byCluster.forEach((cluster, outcome) -> tallies.put(cluster, tally.apply(outcome)));
        return tallies;
    }

    private static List<String> ids(Collection<Pair> pairs, boolean before, boolean after) {
        return pairs.stream()
                .filter(pair -> pair.before().right() == before && pair.after().right() == after)
                .map(Pair::id)
                .sorted()
                .toList();
    }
}

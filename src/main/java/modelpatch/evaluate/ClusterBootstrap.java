package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Percentile intervals from a bootstrap over clusters: items that share a bridge succeed and fail together, so whole bridges are drawn, with
 * replacement, and not single items (Field and Welsh 2007, J. R. Statist. Soc. B 69, 369-390, the cluster bootstrap; percentile limits after
 * Efron 1981).
 *
 * <p>Every call draws from a generator of its own made from the seed, so an interval does not depend on what was computed before it, nor on
 * the order of the items.
 *
 * @param draws number of resamples, at least 1
 * @param seed seed of the draws
 */
public record ClusterBootstrap(int draws, long seed) {
    /** Resamples where the user chose no other number: the limits of a rate then move by about 0.2 of a percentage point between seeds. */
    public static final int DEFAULT_DRAWS = 10_000;

    public ClusterBootstrap {
        if (draws < 1) {
            throw new IllegalArgumentException("a bootstrap of " + draws + " draws");
        }
    }

    /**
     * The interval of a statistic of items that nest in clusters.
     *
     * @param items all items; not modified
     * @param cluster the cluster that an item belongs to
     * @param statistic computed from the items of a resample; a resample where it is undefined is left out
     * @return empty for fewer than two clusters, whose spread nobody knows, and where no resample defines the statistic
     */
    public <T> Optional<Interval> interval(
            Collection<T> items, Function<T, String> cluster, Function<List<T>, OptionalDouble> statistic) {
        Map<String, List<T>> byName = new TreeMap<>();
        for (T item : items) {
            byName.computeIfAbsent(cluster.apply(item), name -> new ArrayList<>())
                    .add(item);
        }
        List<List<T>> clusters = List.copyOf(byName.values());
        if (clusters.size() < 2) {
            return Optional.empty();
        }
        RandomGenerator random = new SplittableRandom(seed);
        double[] values = new double[draws];
        int defined = 0;
        List<T> resample = new ArrayList<>(items.size());
        for (int draw = 0; draw < draws; draw++) {
            resample.clear();
            for (int i = 0; i < clusters.size(); i++) {
                resample.addAll(clusters.get(random.nextInt(clusters.size())));
            }
            OptionalDouble value = statistic.apply(resample);
            if (value.isPresent()) {
                values[defined++] = value.getAsDouble();
            }
        }
        if (defined == 0) {
            return Optional.empty();
        }
        double[] sorted = Arrays.copyOf(values, defined);
        Arrays.sort(sorted);
        double tail = (1 - Interval.LEVEL) / 2;
        return Optional.of(new Interval(quantile(sorted, tail), quantile(sorted, 1 - tail)));
    }

    /**
     * The interval of a rate, pooled over clusters.
     *
     * <p>Clusters without an item cannot change the rate and are not drawn. Where every item succeeded, or none did, all resamples are alike
     * and a bootstrap would claim certainty: then it is Wilson's interval with the clusters as the items, which supposes that a cluster knows
     * no more than one item does.
     *
     * @param clusters successes and items of each cluster, by the cluster's name
     * @return empty where there is no item, and for a single cluster that is neither all right nor all wrong
     */
    Optional<Interval> rate(Map<String, Tally> clusters) {
        List<Map.Entry<String, Tally>> filled = clusters.entrySet().stream()
                .filter(entry -> entry.getValue().n() > 0)
                .toList();
        Tally all = Tally.pool(filled.stream().map(Map.Entry::getValue).toList());
        if (all.successes() == 0 || all.successes() == all.n()) {
            return Interval.wilson(all.successes() == 0 ? 0 : filled.size(), filled.size());
        }
        return interval(filled, Map.Entry::getKey, ClusterBootstrap::pooledRate);
    }

    private static OptionalDouble pooledRate(List<Map.Entry<String, Tally>> drawn) {
        // Plain sums: this runs once for every draw.
        long successes = 0;
        long n = 0;
        for (Map.Entry<String, Tally> cluster : drawn) {
            successes += cluster.getValue().successes();
            n += cluster.getValue().n();
        }
        return OptionalDouble.of((double) successes / n);
    }

    /**
     * Quantile of a sorted sample with linear interpolation between order statistics (definition 7 of Hyndman and Fan 1996).
     *
     * @param sorted ascending, at least one value; not modified
     * @param share between 0 and 1
     */
    static double quantile(double[] sorted, double share) {
        double position = share * (sorted.length - 1);
        int below = (int) Math.floor(position);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}

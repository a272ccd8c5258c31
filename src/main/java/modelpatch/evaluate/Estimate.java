package modelpatch.evaluate;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A mean or a median with what is needed to believe it.
 *
 * @param n number of items
 * @param value empty where there is no item
 * @param interval cluster bootstrap; empty for fewer than two clusters
 */
public record Estimate(int n, OptionalDouble value, Optional<Interval> interval) {
    /**
     * The mean of a number over items that nest in clusters.
     *
     * @param items not modified
     * @param cluster the cluster that an item belongs to
     * @param number the number of an item
     */
    public static <T> Estimate mean(
            Collection<T> items, Function<T, String> cluster, ToDoubleFunction<T> number, ClusterBootstrap bootstrap) {
        return of(
                items,
                cluster,
                bootstrap,
                drawn -> drawn.stream().mapToDouble(number).average());
    }

    /** The median of a number over items that nest in clusters; between the two middle items of an even count their mean. */
    static <T> Estimate median(
            Collection<T> items, Function<T, String> cluster, ToDoubleFunction<T> number, ClusterBootstrap bootstrap) {
        return of(
                items,
                cluster,
                bootstrap,
                drawn -> median(drawn.stream().mapToDouble(number).toArray()));
    }

    /** The median; empty for no value. The values are not modified. */
    static OptionalDouble median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(ClusterBootstrap.quantile(sorted, 0.5));
    }

    private static <T> Estimate of(
            Collection<T> items,
            Function<T, String> cluster,
            ClusterBootstrap bootstrap,
            Function<List<T>, OptionalDouble> statistic) {
        return new Estimate(
                items.size(), statistic.apply(List.copyOf(items)), bootstrap.interval(items, cluster, statistic));
    }
}

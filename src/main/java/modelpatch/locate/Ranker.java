package modelpatch.locate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Function;
import modelpatch.Numbers;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.Interval;
import modelpatch.model.HeadAddress;

/** Ranks sites over cases: means, and intervals from a bootstrap over bridges. */
final class Ranker {
    private final LocateOptions options;
    private final ClusterBootstrap bootstrap;
    private final int layers;

    Ranker(LocateOptions options, int layers) {
        this.options = options;
        this.bootstrap = options.bootstrap();
        this.layers = layers;
    }

    /**
     * Ranks the sites at one position.
     *
     * @param failing mediated failing cases; those without a control are left out
     * @param right noised right cases
     * @param position which sites of a donor; empty for cases that have none
     */
    Ranking rank(
            Collection<CaseMediation> failing,
            Collection<CaseMediation> right,
            Function<DonorEffects, Optional<SiteEffects>> position) {
        List<Pair> pairs = new ArrayList<>();
        for (CaseMediation one : failing) {
            Optional<SiteEffects> guide = one.guide().flatMap(position);
            Optional<SiteEffects> control = one.control().flatMap(position);
            if (guide.isPresent() && control.isPresent()) {
                pairs.add(new Pair(one.bridge(), guide.get(), control.get()));
            }
        }
        List<SiteEffects> noised = right.stream()
                .flatMap(one -> one.control().flatMap(position).stream())
                .toList();
        int bridges = (int) pairs.stream().map(Pair::bridge).distinct().count();
        return new Ranking(pairs.size(), bridges, heads(pairs, noised), ByLayerSite.of(site -> layers(pairs, site)));
    }

    /** A case's effects from both donors. */
    private record Pair(String bridge, SiteEffects guide, SiteEffects control) {}

    private List<RankedHead> heads(List<Pair> pairs, List<SiteEffects> noised) {
        List<RankedHead> ranked = new ArrayList<>();
        List<HeadAddress> addresses =
                pairs.isEmpty() ? List.of() : pairs.get(0).guide().addresses();
        for (HeadAddress head : addresses) {
            Means means = means(pairs, effects -> effects.head(head));
            OptionalDouble necessity = noised.stream()
                    .mapToDouble(effects -> -options.measure().of(effects.head(head)))
                    .average();
            ranked.add(new RankedHead(
                    head.toString(),
                    head.layer(),
                    head.head(),
                    number(means.effect()),
                    number(means.control()),
                    number(means.effect().minus(means.control())),
                    means.interval(),
                    necessity.isPresent()
                            ? OptionalDouble.of(Numbers.rounded(necessity.getAsDouble()))
                            : OptionalDouble.empty(),
                    means.effect().rounded(),
                    means.control().rounded()));
        }
        ranked.sort(Comparator.comparingDouble(RankedHead::score).reversed().thenComparing(RankedHead::address));
        return ranked;
    }

    private List<RankedLayer> layers(List<Pair> pairs, LayerSite site) {
        List<RankedLayer> ranked = new ArrayList<>();
        for (int layer = 0; layer < layers && !pairs.isEmpty(); layer++) {
            int at = layer;
            Means means = means(pairs, effects -> effects.layers().of(site).get(at));
            LayerWindow window = site.layers(layer, options.widthFor(layers), layers);
            ranked.add(new RankedLayer(
                    layer,
                    window.first(),
                    window.last(),
                    number(means.effect()),
                    number(means.control()),
                    number(means.effect().minus(means.control())),
                    means.interval()));
        }
        return ranked;
    }

    private record Means(Effect effect, Effect control, Optional<Interval> interval) {}

    private Means means(List<Pair> pairs, Function<SiteEffects, Effect> site) {
        Map<String, Sum> byBridge = new TreeMap<>();
        for (Pair pair : pairs) {
            double score = options.measure().of(site.apply(pair.guide()).minus(site.apply(pair.control())));
            byBridge.merge(pair.bridge(), new Sum(score, 1), Sum::plus);
        }
        // Sums of clusters are drawn, not their cases one by one: the mean is the same and thousands of draws stay
        // cheap.
        Optional<Interval> interval = bootstrap.interval(byBridge.entrySet(), Map.Entry::getKey, Ranker::pooledMean);
        return new Means(
                Effect.mean(pairs.stream().map(pair -> site.apply(pair.guide())).toList()),
                Effect.mean(
                        pairs.stream().map(pair -> site.apply(pair.control())).toList()),
                interval.map(i -> new Interval(Numbers.rounded(i.low()), Numbers.rounded(i.high()))));
    }

    private record Sum(double total, int n) {
        Sum plus(Sum other) {
            return new Sum(total + other.total, n + other.n);
        }
    }

    private static OptionalDouble pooledMean(List<Map.Entry<String, Sum>> drawn) {
        double total = 0;
        int n = 0;
        for (Map.Entry<String, Sum> cluster : drawn) {
            total += cluster.getValue().total();
            n += cluster.getValue().n();
        }
        return OptionalDouble.of(total / n);
    }

    private double number(Effect effect) {
        return Numbers.rounded(options.measure().of(effect));
    }
}

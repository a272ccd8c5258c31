package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ClusterBootstrapTest {
    private static final ClusterBootstrap BOOTSTRAP = new ClusterBootstrap(20_000, 7);

    @Test
    void agreesWithTheEnumerationOfEveryResample() {
        // Four bridges: 4^4 = 256 equally likely resamples, so the percentile limits can be computed without drawing.
        List<Tally> clusters = List.of(new Tally(1, 2), new Tally(0, 3), new Tally(5, 5), new Tally(2, 3));
        double[] rates = new double[256];
        for (int i = 0; i < 256; i++) {
            rates[i] = Tally.pool(List.of(
                            clusters.get(i & 3),
                            clusters.get(i >> 2 & 3),
                            clusters.get(i >> 4 & 3),
                            clusters.get(i >> 6 & 3)))
                    .rate()
                    .orElseThrow();
        }
        Arrays.sort(rates);
        Map<String, Tally> byBridge = new LinkedHashMap<>();
        clusters.forEach(tally -> byBridge.put("bridge " + byBridge.size(), tally));

        Interval interval = new ClusterBootstrap(200_000, 3).rate(byBridge).orElseThrow();

        assertThat(interval.low()).isCloseTo(ClusterBootstrap.quantile(rates, 0.025), within(0.01));
        assertThat(interval.high()).isCloseTo(ClusterBootstrap.quantile(rates, 0.975), within(0.01));
    }

    @Test
    void clustersThatAgreeInsideWidenTheInterval() {
        // 20 bridges of 10 items: once all items of a bridge agree, once they do not.
        Map<String, Tally> agreeing = new HashMap<>();
        Map<String, Tally> mixed = new HashMap<>();
        for (int bridge = 0; bridge < 20; bridge++) {
            agreeing.put("b" + bridge, new Tally(bridge % 2 == 0 ? 10 : 0, 10));
            mixed.put("b" + bridge, new Tally(bridge % 2 == 0 ? 6 : 4, 10));
        }
        Interval wide = BOOTSTRAP.rate(agreeing).orElseThrow();
        Interval narrow = BOOTSTRAP.rate(mixed).orElseThrow();
        // The number of all-right bridges drawn is Binomial(20, 1/2), whose 2.5 % and 97.5 % quantiles are 6 and 14.
        assertThat(wide).isEqualTo(new Interval(6 / 20.0, 14 / 20.0));
        assertThat(narrow.low()).isCloseTo(0.4 + 0.2 * 6 / 20, within(1e-12));
        assertThat(narrow.high()).isCloseTo(0.4 + 0.2 * 14 / 20, within(1e-12));
    }

    @Test
    void coversTheTrueRateAboutNineteenTimesInTwenty() {
        // Bridges whose own success rate is uniform in [0, 1]: the true rate is 1/2.
        SplittableRandom random = new SplittableRandom(11);
        ClusterBootstrap bootstrap = new ClusterBootstrap(1_000, 5);
        int covered = 0;
        int trials = 400;
        for (int trial = 0; trial < trials; trial++) {
            Map<String, Tally> bridges = new HashMap<>();
            for (int bridge = 0; bridge < 40; bridge++) {
                double own = random.nextDouble();
                int n = 1 + random.nextInt(6);
                int successes = 0;
                for (int i = 0; i < n; i++) {
                    successes += random.nextDouble() < own ? 1 : 0;
                }
                bridges.put("b" + bridge, new Tally(successes, n));
            }
            covered += bootstrap.rate(bridges).orElseThrow().contains(0.5) ? 1 : 0;
        }
        assertThat((double) covered / trials).isBetween(0.91, 0.98);
    }

    @Test
    void theSeedAloneDecidesAndTheOrderOfItemsDoesNot() {
        List<Integer> items = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            items.add(i * i % 37);
        }
        List<Integer> shuffled = new ArrayList<>(items);
        Collections.shuffle(shuffled, new Random(3));
        Estimate estimate = Estimate.mean(items, i -> "c" + i % 9, i -> i, BOOTSTRAP);
        Estimate again = Estimate.mean(shuffled, i -> "c" + i % 9, i -> i, BOOTSTRAP);
        Estimate otherSeed = Estimate.mean(items, i -> "c" + i % 9, i -> i, new ClusterBootstrap(20_000, 8));
        assertThat(again.interval().orElseThrow().low())
                .isCloseTo(estimate.interval().orElseThrow().low(), within(1e-12));
        assertThat(otherSeed.interval()).isNotEqualTo(estimate.interval());
        assertThat(estimate.interval().orElseThrow().contains(estimate.value().orElseThrow()))
                .isTrue();
    }

    @Test
    void nothingToDrawFromGivesNoInterval() {
        assertThat(BOOTSTRAP.rate(Map.of())).isEmpty();
        assertThat(BOOTSTRAP.rate(Map.of("a", Tally.NONE, "b", Tally.NONE))).isEmpty();
        assertThat(BOOTSTRAP.rate(Map.of("a", new Tally(3, 5)))).isEmpty();
        assertThat(Estimate.mean(List.<Double>of(), d -> "c", d -> d, BOOTSTRAP).interval())
                .isEmpty();
        assertThat(Estimate.mean(List.<Double>of(), d -> "c", d -> d, BOOTSTRAP).value())
                .isEmpty();
    }

    @Test
    void clustersWithoutItemsChangeNothing() {
        Map<String, Tally> filled = Map.of("a", new Tally(3, 5), "b", new Tally(1, 4), "c", new Tally(2, 2));
        Map<String, Tally> withEmpty = new HashMap<>(filled);
        withEmpty.put("empty", Tally.NONE);
        assertThat(BOOTSTRAP.rate(withEmpty)).isEqualTo(BOOTSTRAP.rate(filled));
    }

    @Test
    void allRightIsNotTakenForCertainty() {
        Map<String, Tally> allRight = Map.of("a", new Tally(9, 9), "b", new Tally(9, 9), "c", new Tally(9, 9));
        assertThat(BOOTSTRAP.rate(allRight)).isEqualTo(Interval.wilson(3, 3));
        Map<String, Tally> noneRight = Map.of("a", new Tally(0, 9), "b", new Tally(0, 1));
        assertThat(BOOTSTRAP.rate(noneRight)).isEqualTo(Interval.wilson(0, 2));
    }

    @Test
    void quantilesInterpolateBetweenOrderStatistics() {
        // R: quantile(c(1, 2, 4, 8), c(0, .25, .5, .9, 1), type = 7), by hand: positions 0, .75, 1.5, 2.7, 3
        double[] sorted = {1, 2, 4, 8};
        assertThat(ClusterBootstrap.quantile(sorted, 0)).isEqualTo(1);
        assertThat(ClusterBootstrap.quantile(sorted, 0.25)).isEqualTo(1.75);
        assertThat(ClusterBootstrap.quantile(sorted, 0.5)).isEqualTo(3);
        assertThat(ClusterBootstrap.quantile(sorted, 0.9)).isCloseTo(6.8, within(1e-12));
        assertThat(ClusterBootstrap.quantile(sorted, 1)).isEqualTo(8);
    }

    @Test
    void medianOfItemsInClusters() {
        Estimate median = Estimate.median(List.of(9.0, 1.0, 4.0, 2.0), d -> "c" + d, d -> d, BOOTSTRAP);
        assertThat(median.value()).hasValue(3);
        assertThat(median.n()).isEqualTo(4);
        assertThat(median.interval().orElseThrow().low()).isGreaterThanOrEqualTo(1);
        assertThat(median.interval().orElseThrow().high()).isLessThanOrEqualTo(9);
    }

    @Test
    void aBootstrapWithoutDrawsIsRefused() {
        assertThatThrownBy(() -> new ClusterBootstrap(0, 1)).hasMessageContaining("0 draws");
    }
}

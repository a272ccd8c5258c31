package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import modelpatch.evaluate.Interval;
import org.junit.jupiter.api.Test;

class SitesTest {
    @Test
    void twoHumpsGiveTwoWindowsTheStrongerFirst() {
        double[] layers = {0, 0, 1, 2, 1, 0, 0, 0, 2, 3, 2, 0};
        Sites sites = Sites.of(ranking(layers, 3, new double[0]));
        assertThat(sites.windows())
                .extracting(RankedLayer::window)
                .containsExactly(new LayerWindow(8, 10), new LayerWindow(2, 4));
        assertThat(sites.layers()).containsExactly(2, 3, 4, 8, 9, 10);
    }

    @Test
    void aWeakSecondHumpIsLeftAlone() {
        double[] layers = {0, 0, .1, .2, .1, 0, 0, 0, 2, 3, 2, 0};
        assertThat(Sites.of(ranking(layers, 3, new double[0])).windows()).hasSize(1);
    }

    @Test
    void noMoreThanHalfOfTheLayersAreTaken() {
        double[] layers = {1, 1, 1, 1, 1, 1};
        assertThat(Sites.of(ranking(layers, 1, new double[0])).layers()).hasSize(3);
    }

    @Test
    void headsAreTakenUntilTheyHoldThreeFifthsOfThePositiveScores() {
        // 4 + 2 of 10 is the promised share; the negative ones are no part of it
        Sites sites = Sites.of(ranking(new double[] {1, 1}, 1, new double[] {4, 2, 1, 1, 1, 1, -3, -5}));
        assertThat(sites.heads()).containsExactly("L0H0", "L0H1");
        assertThat(sites.headShare()).isEqualTo(0.6);
    }

    @Test
    void whereNothingHelpsThereIsNoSite() {
        Sites sites = Sites.of(ranking(new double[] {-1, 0, -2}, 1, new double[] {-1, 0}));
        assertThat(sites.windows()).isEmpty();
        assertThat(sites.layers()).isEmpty();
        assertThat(sites.heads()).isEmpty();
        assertThat(sites.halfwayLayer()).isEmpty();
    }

    @Test
    void halfwayIsWhereThePositiveScoresReachHalfOfTheirSum() {
        // 1 + 2 of 6 is half exactly; what is negative does not count
        assertThat(Sites.halfway(byLayer(new double[] {1, -9, 2, 3}, 1))).contains(2);
        assertThat(Sites.halfway(byLayer(new double[] {0, 0, 0, 1}, 1))).contains(3);
    }

    private static Ranking ranking(double[] layers, int width, double[] heads) {
        List<RankedHead> ranked = new ArrayList<>();
        for (int head = 0; head < heads.length; head++) {
            ranked.add(new RankedHead(
                    "L0H" + head,
                    0,
                    head,
                    heads[head],
                    0,
                    heads[head],
                    interval(heads[head]),
                    OptionalDouble.empty(),
                    new Effect(0, 0, heads[head]),
                    new Effect(0, 0, 0)));
        }
        ranked.sort(Comparator.comparingDouble(RankedHead::score).reversed());
        List<RankedLayer> single = byLayer(layers, 1);
        return new Ranking(9, 5, ranked, new ByLayerSite<>(single, single, single, byLayer(layers, width), single));
    }

    private static List<RankedLayer> byLayer(double[] scores, int width) {
        return IntStream.range(0, scores.length)
                .mapToObj(layer -> {
                    LayerWindow window = LayerWindow.around(layer, width, scores.length);
                    double score = IntStream.rangeClosed(window.first(), window.last())
                            .mapToDouble(l -> scores[l])
                            .sum();
                    return new RankedLayer(layer, window.first(), window.last(), score, 0, score, interval(score));
                })
                .toList();
    }

    private static Optional<Interval> interval(double score) {
        return Optional.of(new Interval(score - 0.01, score + 0.01));
    }
}

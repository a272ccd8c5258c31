package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.evaluate.ClusterBootstrap;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class LensThresholdTest {
    private static final ClusterBootstrap BOOTSTRAP = new ClusterBootstrap(1000, 1);

    @Test
    void kIsTheSmallestRankThatFourFifthsOfTheRightCasesReach() {
        LensThreshold threshold = LensThreshold.of(readings(20, i -> i + 1, 1000), BOOTSTRAP);
        assertThat(threshold.k()).contains(16);
        assertThat(threshold.rightWithin()).hasValue(0.8);
        assertThat(threshold.rightCases()).isEqualTo(20);
    }

    @Test
    void aLensThatShowsBridgesAndNoOthersIsInformative() {
        LensThreshold threshold = LensThreshold.of(readings(20, i -> i + 1, 1000), BOOTSTRAP);
        assertThat(threshold.randomWithin()).hasValue(0);
        assertThat(threshold.difference())
                .get()
                .satisfies(ci -> assertThat(ci.low()).isGreaterThan(0.5));
        assertThat(threshold.informative()).isTrue();
    }

    @Test
    void aLensThatShowsOtherEntitiesAsOftenIsNot() {
        LensThreshold threshold = LensThreshold.of(readings(20, i -> i + 1, 3), BOOTSTRAP);
        assertThat(threshold.randomWithin()).hasValue(1);
        assertThat(threshold.informative()).isFalse();
    }

    @Test
    void aDifferenceThatOneBridgeAloneCarriesIsNotTrusted() {
        // Sixteen right cases of one bridge within k and four of two others far beyond: redrawn by bridge, the
        // difference may vanish.
        List<LensThreshold.Reading> readings = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            readings.add(new LensThreshold.Reading("France", 2, new int[] {500, 600}));
        }
        for (int i = 0; i < 4; i++) {
            readings.add(new LensThreshold.Reading(i < 2 ? "Italy" : "Spain", 400, new int[] {1, 1}));
        }
        LensThreshold threshold = LensThreshold.of(readings, BOOTSTRAP);
        assertThat(threshold.k()).contains(2);
        assertThat(threshold.informative()).isFalse();
    }

    @Test
    void fewRightCasesGiveNoThreshold() {
        LensThreshold threshold = LensThreshold.of(readings(9, i -> 1, 1000), BOOTSTRAP);
        assertThat(threshold.k()).isEmpty();
        assertThat(threshold.rightWithin()).isEmpty();
        assertThat(threshold.informative()).isFalse();
        assertThat(LensThreshold.of(List.of(), BOOTSTRAP).informative()).isFalse();
    }

    @Test
    void theShareOfOthersWithinKCountsEachReading() {
        LensThreshold.Reading reading = new LensThreshold.Reading("France", 3, new int[] {1, 3, 4, 9});
        assertThat(reading.othersWithin(3)).isEqualTo(0.5, Offset.offset(0.0));
    }

    private static List<LensThreshold.Reading> readings(int n, java.util.function.IntUnaryOperator rank, int other) {
        return IntStream.range(0, n)
                .mapToObj(i -> new LensThreshold.Reading("bridge " + i, rank.applyAsInt(i), new int[] {other, other}))
                .toList();
    }
}

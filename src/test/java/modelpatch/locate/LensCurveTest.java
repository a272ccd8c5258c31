package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import modelpatch.model.LensReading;
import org.junit.jupiter.api.Test;

class LensCurveTest {
    /** Two layers over four tokens: softmax(ln(1, 2, 3, 4)) is (0.1, 0.2, 0.3, 0.4), and a tie of all. */
    private static final LensReading READING = new LensReading(
            new double[][] {{Math.log(2), Math.log(4)}, {0, 0}},
            new double[] {Math.log(10), Math.log(4)},
            new int[][] {{3, 1}, {1, 1}},
            new int[] {3, 0});

    @Test
    void aCurveHasRankProbabilityAndLogitOfEveryLayer() {
        LensCurve curve = LensCurve.of(READING, 0, 2, 0);
        assertThat(curve.ranks()).containsExactly(3, 1);
        assertThat(curve.probabilities().get(0)).isCloseTo(0.2, within(1e-6));
        assertThat(curve.probabilities().get(1)).isCloseTo(0.25, within(1e-6));
        assertThat(curve.logits().get(0)).isCloseTo(Math.log(2), within(1e-5));
        assertThat(LensCurve.of(READING, 0, 1, 1).probabilities().get(0)).isCloseTo(0.4, within(1e-6));
    }

    @Test
    void theFirstLayerWithinARankIsWhereATokenSurfaces() {
        LensCurve curve = LensCurve.of(READING, 0, 2, 0);
        assertThat(curve.bestRank()).isEqualTo(1);
        assertThat(curve.firstWithin(3)).contains(0);
        assertThat(curve.firstWithin(2)).contains(1);
        assertThat(curve.firstWithin(0)).isEmpty();
    }
}

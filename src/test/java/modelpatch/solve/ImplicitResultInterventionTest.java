package modelpatch.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;

class ImplicitResultInterventionTest {
    private static final double TOLERANCE = 1e-12;
    private static final double[] RESIDUAL = {2, 1};

    /** W_U = [[1,0],[0,1],[1,1]], h = (2,1), worked out with rationals. */
    private final ImplicitResultIntervention fixture = ImplicitResultIntervention.of(new float[] {1, 0, 0, 1, 1, 1}, 2);

    private static double[] sum(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }

    private static void assertVector(double[] found, double... expected) {
        assertThat(found).containsExactly(expected, within(TOLERANCE));
    }

    @Test
    void thePreimageOfTheLogitsIsTheResidual() {
        assertVector(fixture.logits(RESIDUAL), 2, 1, 3);
        assertVector(fixture.preimage(new int[] {0, 1, 2}, new double[] {2, 1, 3}), 2, 1);
        double third = 1 / 3.0;
        assertVector(fixture.preimage(new int[] {0}, new double[] {1}), 2 * third, -third);
        assertVector(fixture.preimage(new int[] {2}, new double[] {1}), third, third);
    }

    @Test
    void theProjectorHasTheWidthAsItsTraceAndIsIdempotent() {
        double trace = 0;
        for (int i = 0; i < 3; i++) {
            trace += fixture.realised(i, i);
            for (int j = 0; j < 3; j++) {
                double square = 0;
                for (int k = 0; k < 3; k++) {
                    square += fixture.realised(i, k) * fixture.realised(k, j);
                }
                assertThat(square).isCloseTo(fixture.realised(i, j), within(TOLERANCE));
            }
        }
        assertThat(trace).isCloseTo(2, within(TOLERANCE));
    }

    @Test
    void suppressionRealisesOnlyTheProjectorsShareOfItsRequest() {
        double[] change = fixture.suppress(RESIDUAL, 2);
        assertVector(change, -2 / 3.0, -2 / 3.0);
        assertVector(fixture.logits(sum(RESIDUAL, change)), 4 / 3.0, 1 / 3.0, 5 / 3.0);
        assertThat(fixture.realised(2, 2)).isCloseTo(2 / 3.0, within(TOLERANCE));
    }

    @Test
    void thePapersRecheckOvershootsAndItsExactStrengthDoesNot() {
        double[] suppressed = sum(RESIDUAL, fixture.suppress(RESIDUAL, 2));
        double[] paper = sum(suppressed, fixture.recheck(RESIDUAL, suppressed, 10, 0));
        assertVector(paper, 52 / 9.0, -17 / 9.0);
        assertVector(fixture.logits(paper), 52 / 9.0, -17 / 9.0, 35 / 9.0);
        double[] exact = sum(suppressed, fixture.recheck(RESIDUAL, suppressed, 1 / fixture.realised(0, 0), 0));
        assertVector(exact, 2, 0);
        assertVector(fixture.logits(exact), 2, 0, 2);
    }

    @Test
    void enhancementAsksForTheGreatestLogitOrTwiceItself() {
        // logits (2,1,3): token 1 is asked up by 2, token 2 by 3
        assertVector(fixture.enhance(RESIDUAL, 1), -2 / 3.0, 4 / 3.0);
        assertVector(fixture.enhance(RESIDUAL, 2), 1, 1);
    }

    @Test
    void theExactSolveMovesOneLogitAndHoldsTheOther() {
        double[] change = fixture.exactly(new int[] {2, 0}, new double[] {-2, 0});
        assertVector(change, 0, -2);
        assertVector(fixture.logits(sum(RESIDUAL, change)), 2, -1, 1);
        double[] single = fixture.exactly(new int[] {2}, new double[] {-2});
        assertVector(single, -1, -1);
        assertVector(fixture.logits(sum(RESIDUAL, single)), 1, 0, 1);
    }

    @Test
    void exactSolvesMeetTheirRequestAndDisturbLeastInTheirOwnNorm() {
        Random random = new Random(44);
        for (int trial = 0; trial < 20; trial++) {
            int width = 3 + random.nextInt(6);
            float[] unembedding = new float[width * 40];
            for (int i = 0; i < unembedding.length; i++) {
                unembedding[i] = (float) random.nextGaussian();
            }
            ImplicitResultIntervention any = ImplicitResultIntervention.of(unembedding, width);
            int[] tokens = {1, 7};
            double[] asked = {-3, 0.5};
            double[] least = any.exactly(tokens, asked);
            double[] shortest = any.exactlyWithLeastNorm(tokens, asked);
            for (double[] change : new double[][] {least, shortest}) {
                double[] logits = any.logits(change);
                assertThat(logits[1]).isCloseTo(-3, within(1e-10));
                assertThat(logits[7]).isCloseTo(0.5, within(1e-10));
            }
            assertThat(square(any.logits(least))).isLessThanOrEqualTo(square(any.logits(shortest)) + 1e-9);
            assertThat(square(shortest)).isLessThanOrEqualTo(square(least) + 1e-9);
        }
    }

    private static double square(double[] vector) {
        return java.util.Arrays.stream(vector).map(v -> v * v).sum();
    }

    @Test
    void repeatedTokensAndFlatUnembeddingsAreRefused() {
        assertThatThrownBy(() -> fixture.exactly(new int[] {1, 1}, new double[] {1, 1}))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("[1, 1]");
        assertThatThrownBy(() -> ImplicitResultIntervention.of(new float[] {1, 1, 2, 2}, 2))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("n = 2");
    }
}

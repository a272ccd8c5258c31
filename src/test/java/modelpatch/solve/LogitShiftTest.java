package modelpatch.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;

class LogitShiftTest {
    private static final double TOLERANCE = 1e-12;
    private static final double[] RESIDUAL = {2, 1};

    /** W_U = [[1,0],[0,1],[1,1]], h = (2,1), worked out with rationals. */
    private final LogitShift fixture = LogitShift.of(new float[] {1, 0, 0, 1, 1, 1}, 2);

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
    void logitsAreThoseOfTheUnembedding() {
        assertVector(fixture.logits(RESIDUAL), 2, 1, 3);
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
    void exactSolvesMeetTheirRequestAndNoOtherChangeThatDoesDisturbsLess() {
        Random random = new Random(44);
        for (int trial = 0; trial < 20; trial++) {
            int width = 3 + random.nextInt(6);
            float[] unembedding = new float[width * 40];
            for (int i = 0; i < unembedding.length; i++) {
                unembedding[i] = (float) random.nextGaussian();
            }
            LogitShift any = LogitShift.of(unembedding, width);
            int[] tokens = {1, 7};
            double[] asked = {-3, 0.5};
            double[] least = any.exactly(tokens, asked);
            double[] logits = any.logits(least);
            assertThat(logits[1]).isCloseTo(-3, within(1e-10));
            assertThat(logits[7]).isCloseTo(0.5, within(1e-10));
            for (int other = 0; other < 20; other++) {
                double[] away = sum(least, keeping(any, width, tokens, random));
                assertThat(any.logits(away)[1]).isCloseTo(-3, within(1e-9));
                assertThat(square(logits)).isLessThanOrEqualTo(square(any.logits(away)) + 1e-9);
            }
        }
    }

    /** A random change of h that leaves the tokens' logits as they are: what an exact solve for its own logits takes away again. */
    private static double[] keeping(LogitShift any, int width, int[] tokens, Random random) {
        double[] change = random.doubles(width).toArray();
        double[] moved = any.logits(change);
        double[] back = any.exactly(tokens, new double[] {-moved[tokens[0]], -moved[tokens[1]]});
        return sum(change, back);
    }

    private static double square(double[] vector) {
        return java.util.Arrays.stream(vector).map(v -> v * v).sum();
    }

    @Test
    void repeatedTokensAndFlatUnembeddingsAreRefused() {
        assertThatThrownBy(() -> fixture.exactly(new int[] {1, 1}, new double[] {1, 1}))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("[1, 1]");
        assertThatThrownBy(() -> LogitShift.of(new float[] {1, 1, 2, 2}, 2))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("n = 2");
    }
}

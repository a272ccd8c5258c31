package modelpatch.thinking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Kernel alignment by its definitions. */
class CkaTest {
    private static double[][] gaussian(int n, int d, long seed) {
        Random random = new Random(seed);
        double[][] x = new double[n][d];
        for (double[] row : x) {
            for (int j = 0; j < d; j++) {
                row[j] = random.nextGaussian();
            }
        }
        return x;
    }

    private static double[][] centred(double[][] x) {
        double[][] centred = new double[x.length][x[0].length];
        for (int j = 0; j < x[0].length; j++) {
            double mean = 0;
            for (double[] row : x) {
                mean += row[j] / x.length;
            }
            for (int i = 0; i < x.length; i++) {
                centred[i][j] = x[i][j] - mean;
            }
        }
        return centred;
    }

    /** ‖Yᵀ X‖², by features. */
    private static double cross(double[][] x, double[][] y) {
        double sum = 0;
        for (int a = 0; a < x[0].length; a++) {
            for (int b = 0; b < y[0].length; b++) {
                double product = 0;
                for (int i = 0; i < x.length; i++) {
                    product += x[i][a] * y[i][b];
                }
                sum += product * product;
            }
        }
        return sum;
    }

    @Test
    void kernelsAndFeaturesGiveTheSame() {
        double[][] x = gaussian(20, 7, 1);
        double[][] y = gaussian(20, 5, 2);
        double expected = cross(centred(x), centred(y))
                / Math.sqrt(cross(centred(x), centred(x)) * cross(centred(y), centred(y)));
        assertThat(Cka.biased(x, y).getAsDouble()).isCloseTo(expected, within(1e-12));
    }

    /** HSIC₁ is the mean, over quadruples of different items, of the kernels' products that the definition sums (Song et al. 2012). */
    @Test
    void theDebiasedFormIsTheMeanOverQuadruplesOfDifferentItems() {
        double[][] k = Cka.Kernel.of(gaussian(6, 3, 3)).values();
        double[][] l = Cka.Kernel.of(gaussian(6, 4, 4)).values();
        double sum = 0;
        int count = 0;
        for (int i = 0; i < 6; i++) {
            for (int j = 0; j < 6; j++) {
                for (int q = 0; q < 6; q++) {
                    for (int r = 0; r < 6; r++) {
                        if (i != j && i != q && i != r && j != q && j != r && q != r) {
                            sum += k[i][j] * (l[i][j] + l[q][r] - 2 * l[i][q]);
                            count++;
                        }
                    }
                }
            }
        }
        assertThat(Cka.hsic(k, l)).isCloseTo(sum / count, within(1e-12));
    }

    @Test
    void withFewItemsUnrelatedFeaturesLookAlikeToTheBiasedFormOnly() {
        int n = 50;
        int d = 200;
        double biased = 0;
        double debiased = 0;
        int draws = 10;
        for (int draw = 0; draw < draws; draw++) {
            double[][] x = gaussian(n, d, 10 + draw);
            double[][] y = gaussian(n, d, 100 + draw);
            biased += Cka.biased(x, y).getAsDouble() / draws;
            debiased += Cka.debiased(x, y).getAsDouble() / draws;
        }
        assertThat(biased).isCloseTo((double) d / (d + n), within(0.02));
        assertThat(debiased).isCloseTo(0, within(0.03)); // one draw scatters by about 0.02
    }

    @Test
    void likenessIgnoresRotationScaleAndShift() {
        double[][] x = gaussian(12, 2, 7);
        double[][] y = new double[12][2];
        for (int i = 0; i < 12; i++) {
            y[i][0] = 5 + 3 * (0.6 * x[i][0] - 0.8 * x[i][1]);
            y[i][1] = -2 + 3 * (0.8 * x[i][0] + 0.6 * x[i][1]);
        }
        assertThat(Cka.debiased(x, y).getAsDouble()).isCloseTo(1, within(1e-12));
        assertThat(Cka.biased(x, y).getAsDouble()).isCloseTo(1, within(1e-12));
    }

    /** As at the last token before the first block, where every question ends with the same word. */
    @Test
    void aConstantRepresentationIsLikeNothing() {
        double[][] same = new double[9][4];
        for (double[] row : same) {
            row[0] = 0.1;
            row[1] = 1e3;
        }
        assertThat(Cka.debiased(same, gaussian(9, 4, 1))).isEmpty();
        assertThat(Cka.biased(gaussian(9, 4, 1), same)).isEmpty();
        assertThat(Cka.debiased(gaussian(3, 4, 1), gaussian(3, 4, 2)))
                .as("three items")
                .isEmpty();
    }

    @Test
    void oneMassiveColumnDecidesEverything() {
        double[][] x = gaussian(40, 30, 5);
        double[][] y = gaussian(40, 30, 6);
        for (int i = 0; i < 40; i++) {
            x[i][0] = 100 * i;
            y[i][0] = 100 * i;
        }
        assertThat(Cka.debiased(x, y).getAsDouble()).isGreaterThan(0.99);
    }
}

package modelpatch.solve;

import static modelpatch.solve.Matrices.assertClose;
import static modelpatch.solve.Matrices.matrix;
import static modelpatch.solve.Matrices.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import modelpatch.BadInput;
import org.junit.jupiter.api.Test;

class SecondMomentEstimatorTest {
    @Test
    void theSumIsThatOfKeyAfterKeyToTheLastBitForAnyNumberOfThem() {
        int size = 5;
        for (int count = 1; count <= 70; count++) {
            java.util.SplittableRandom random = new java.util.SplittableRandom(count);
            float[] keys = new float[count * size];
            double[] sum = new double[size * size];
            for (int i = 0; i < keys.length; i++) {
                keys[i] = (float) random.nextDouble(-1, 1);
            }
            for (int key = 0; key < count; key++) {
                for (int i = 0; i < size; i++) {
                    for (int j = 0; j <= i; j++) {
                        sum[i * size + j] += (double) keys[key * size + i] * keys[key * size + j];
                    }
                }
            }
            SecondMomentEstimator estimator = new SecondMomentEstimator(size);
            estimator.add(keys);
            double[] triangle = estimator.triangle();
            for (int i = 0, at = 0; i < size; i++) {
                for (int j = 0; j <= i; j++) {
                    assertThat(triangle[at++]).isEqualTo(sum[i * size + j]);
                }
            }
        }
    }

    @Test
    void theMomentIsTheMeanOuterProduct() {
        SecondMomentEstimator estimator = new SecondMomentEstimator(2);
        estimator.add(new float[] {1, 2, 3, -1});
        SecondMoment moment = estimator.moment();
        assertClose(moment.matrix(), matrix(row(5, -0.5), row(-0.5, 2.5)), 0);
        assertThat(moment.count()).isEqualTo(2);
        assertThat(moment.meanSquaredNorm()).isEqualTo(7.5);
    }

    @Test
    void scalingGivesTheWantedMeanSquaredNorm() {
        SecondMomentEstimator estimator = new SecondMomentEstimator(2);
        estimator.add(new float[] {1, 2});
        double trace = estimator.moment().scaledTo(20).get(0, 0)
                + estimator.moment().scaledTo(20).get(1, 1);
        assertThat(trace).isCloseTo(20, within(1e-12));
    }

    @Test
    void overflowingKeysAreRefusedAndNotCounted() {
        SecondMomentEstimator estimator = new SecondMomentEstimator(2);
        assertThatThrownBy(() -> estimator.add(new float[] {1, 2, 1, Float.NaN}))
                .isInstanceOf(BadInput.class);
        assertThat(estimator.count()).isZero();
    }

    @Test
    void whatNoArrayCanHoldIsRefusedByItsWidth() {
        assertThatThrownBy(() -> new SecondMomentEstimator(46341))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("too wide", "at most 46340 inputs", "46341");
    }

    @Test
    void anEmptyTextHasNoMoment() {
        SecondMomentEstimator estimator = new SecondMomentEstimator(2);
        assertThatThrownBy(estimator::moment).isInstanceOf(BadInput.class).hasMessageContaining("empty");
        estimator.add(new float[2]);
        assertThatThrownBy(() -> estimator.moment().scaledTo(1)).isInstanceOf(BadInput.class);
    }
}

package modelpatch.solve;

import static modelpatch.solve.Matrices.assertClose;
import static modelpatch.solve.Matrices.matrix;
import static modelpatch.solve.Matrices.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;

/** Matrices, choices of columns and positive definite systems against their definitions. */
class MatrixTest {
    private final Matrix a = matrix(row(3, 1, 0), row(4, -2, 0));

    @Test
    void numbersStandRowByRow() {
        assertThat(Matrix.of(2, 3, new float[] {1, 2, 3, 4, 5, 6}).row(1)).containsExactly(4, 5, 6);
        assertThat(Matrix.of(2, 3, 1, 2, 3, 4, 5, 6).column(1)).containsExactly(2, 5);
        assertThat(a.toFloats()).containsExactly(3, 1, 0, 4, -2, 0);
        assertClose(Matrix.ofColumns(2, new float[][] {{3, 4}, {1, -2}, {0, 0}}), a, 0);
        assertThat(Matrix.withoutColumns(4).rows()).isEqualTo(4);
        assertThat(Matrix.withoutColumns(4).columns()).isZero();
        assertThatThrownBy(() -> Matrix.of(2, 3, 1, 2, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Matrix.of(2, 3, new float[5])).isInstanceOf(IllegalArgumentException.class);
        assertThat(a.toString()).contains("4");
    }

    @Test
    void normsOfColumnsAreEuclidean() {
        assertThat(a.columnNorm(0)).isEqualTo(5);
        assertThat(a.meanColumnNorm()).isCloseTo((5 + Math.sqrt(5)) / 3, within(1e-15));
        assertThat(a.meanSquaredColumnNorm()).isCloseTo((25 + 5) / 3.0, within(1e-15));
        assertThat(Matrix.withoutColumns(4).meanColumnNorm()).isZero();
    }

    @Test
    void aShareOfTheWayTowardsAGoal() {
        Matrix goal = matrix(row(1, 1, 4), row(0, 2, 8));
        assertClose(a.towards(goal, 0), a, 0);
        assertClose(a.towards(goal, 1), goal, 0);
        assertClose(a.towards(goal, 0.25), matrix(row(2.5, 1, 1), row(3, -1, 2)), 1e-15);
    }

    @Test
    void meansAreThoseOfEachGroup() {
        assertClose(a.means(new int[] {0, 0, 1}), matrix(row(2, 0), row(1, 0)), 0);
        assertClose(a.means(new int[] {0, 1, 1}), matrix(row(3, 0.5), row(4, -1)), 0);
    }

    @Test
    void columnsAreChosenOnceInOrderAndInside() {
        Columns heads = Columns.ofHeads(8, 2, List.of(3, 0, 3));
        assertThat(heads.indices()).containsExactly(0, 1, 6, 7);
        assertThat(heads).isEqualTo(Columns.of(8, 0, 1, 6, 7)).hasSameHashCodeAs(Columns.of(8, 0, 1, 6, 7));
        assertThat(heads).isNotEqualTo(Columns.of(9, 0, 1, 6, 7)).isNotEqualTo(Columns.of(8, 0, 1, 6));
        assertThat(Columns.all(3)).hasToString("all 3 columns");
        assertThat(heads).hasToString("4 of 8 columns");
        for (int[] wrong : new int[][] {{-1}, {8}, {1, 1}, {2, 1}}) {
            assertThatThrownBy(() -> Columns.of(8, wrong)).isInstanceOf(BadInput.class);
        }
        assertThat(Columns.of(8, 0, 7).count()).isEqualTo(2);
    }

    @Test
    void anEstimatorGoesOnFromItsTriangle() {
        SecondMomentEstimator whole = new SecondMomentEstimator(3);
        whole.add(new float[] {1, 2, 3, 4, 5, 6});
        assertThat(whole.triangle()).containsExactly(17, 22, 29, 27, 36, 45);
        SecondMomentEstimator resumed = SecondMomentEstimator.resumed(3, whole.triangle(), whole.count());
        whole.add(new float[] {-1, 0, 7});
        resumed.add(new float[] {-1, 0, 7});
        assertThat(resumed.count()).isEqualTo(3);
        assertThat(resumed.triangle()).containsExactly(whole.triangle());
        assertClose(resumed.moment().matrix(), whole.moment().matrix(), 0);
        assertThat(resumed.moment().size()).isEqualTo(3);
    }

    @Test
    void keysAreSummedInTheirOrderAcrossBlocks() {
        Random random = new Random(4);
        float[] keys = new float[3 * 1000];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = (float) random.nextGaussian();
        }
        double[] expected = new double[6];
        for (int key = 0; key < keys.length; key += 3) {
            int at = 0;
            for (int i = 0; i < 3; i++) {
                for (int j = 0; j <= i; j++) {
                    expected[at++] += (double) keys[key + i] * keys[key + j];
                }
            }
        }
        SecondMomentEstimator estimator = new SecondMomentEstimator(3);
        estimator.add(keys);
        assertThat(estimator.triangle()).containsExactly(expected);
    }

    private static SpdSystem system(Matrix matrix) {
        return SpdSystem.of(matrix.values(), "site", "S", Metric.identity());
    }

    @Test
    void aPositiveDefiniteSystemIsSolved() {
        SpdSystem system = system(matrix(row(4, 2, 0), row(2, 5, 1), row(0, 1, 100)));
        assertThat(system.size()).isEqualTo(3);
        DMatrixRMaj x = system.solve(new DMatrixRMaj(3, 1, true, 8, 19, 301));
        double[][] s = {{4, 2, 0}, {2, 5, 1}, {0, 1, 100}};
        for (int i = 0; i < 3; i++) {
            double sum = 0;
            for (int j = 0; j < 3; j++) {
                sum += s[i][j] * x.get(j, 0);
            }
            assertThat(sum).as("row %d of S x", i).isCloseTo(new double[] {8, 19, 301}[i], within(1e-12));
        }
    }

    /** Scaled to a diagonal of ones, [[1, r], [r, 1]] has the pivots 1 and 1 - r^2, whatever the units of its rows. */
    @Test
    void pivotsAreThoseOfTheScaledSystem() {
        assertThat(system(matrix(row(1, 0.6), row(0.6, 1))).smallestPivot()).isCloseTo(0.64, within(1e-15));
        assertThat(system(matrix(row(4, 120), row(120, 10_000))).smallestPivot())
                .isCloseTo(0.64, within(1e-15));
    }

    @Test
    void whatIsNotPositiveDefiniteIsRefusedWithItsPivotAndRow() {
        assertThatThrownBy(() -> system(matrix(row(1, 0), row(0, 0))))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("site", "S positive definite, n = 2", "smallest pivot 0.0 at row 1");
        assertThatThrownBy(() -> system(matrix(row(1, 2, 0), row(2, 1, 0), row(0, 0, 1))))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("n = 3", "smallest pivot -3.0 at row 1");
        assertThatThrownBy(() -> system(matrix(row(1, 1), row(1, 1)))).isInstanceOf(BadInput.class);
        assertThatThrownBy(() -> system(matrix(row(1, 0), row(0, Double.POSITIVE_INFINITY))))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("row 1");
    }
}

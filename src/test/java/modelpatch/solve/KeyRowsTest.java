package modelpatch.solve;

import static modelpatch.solve.KeyRows.EXACT;
import static modelpatch.solve.Matrices.assertClose;
import static modelpatch.solve.Matrices.column;
import static modelpatch.solve.Matrices.matrix;
import static modelpatch.solve.Matrices.minus;
import static modelpatch.solve.Matrices.over;
import static modelpatch.solve.Matrices.plus;
import static modelpatch.solve.Matrices.random;
import static modelpatch.solve.Matrices.row;
import static modelpatch.solve.Matrices.times;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

/** Invariants of the closed-form family on random problems. */
class KeyRowsTest {
    private final Random random = new Random(20240214);

    private static KeyRows rows(int dIn) {
        return KeyRows.at("test", Columns.all(dIn));
    }

    /** A symmetric positive definite second moment. */
    private Matrix moment(int size) {
        Matrix samples = random(size, 3 * size, random);
        return over(samples.times(samples.transposed()), 3.0 * size);
    }

    private static double dot(Matrix a, Matrix b) {
        return times(a.transposed(), b).get(0, 0);
    }

    private static double trace(Matrix matrix) {
        double sum = 0;
        for (int i = 0; i < matrix.rows(); i++) {
            sum += matrix.get(i, i);
        }
        return sum;
    }

    private static double relative(Matrix found, Matrix expected) {
        return minus(found, expected).norm() / expected.norm();
    }

    @Test
    void exactKeysReachTheirMovementsAndExactProtectedKeysStay() {
        for (int trial = 0; trial < 100; trial++) {
            int d = 4 + random.nextInt(30);
            int n = 1 + random.nextInt(d / 3 + 1);
            int held = random.nextInt(d / 3 + 1);
            Metric metric = trial % 2 == 0 ? Metric.identity() : Metric.of(moment(d), 1, 1e-6);
            Matrix keys = random(d, n, random);
            Matrix protectedKeys = random(d, held, random);
            Matrix movements = random(5, n, random);

            Matrix dW = rows(d).move(keys, EXACT)
                    .hold(protectedKeys, EXACT)
                    .solve(metric)
                    .delta(movements)
                    .dense();

            assertThat(relative(times(dW, keys), movements)).isLessThan(1e-9);
            assertThat(times(dW, protectedKeys).norm()).isLessThan(1e-9 * Math.max(1, dW.norm()));
        }
    }

    @Test
    void keysOrthogonalToTheDualOfTheEditKeyAreUnmoved() {
        for (int trial = 0; trial < 50; trial++) {
            int d = 3 + random.nextInt(20);
            Matrix c = moment(d);
            Matrix key = random(d, 1, random);
            Matrix dual = Matrix.of(Metric.of(c, 1, 0).solve(key.values(), Columns.all(d), "test"));
            Matrix any = random(d, 1, random);
            double along = dot(any, dual) / dot(dual, dual);
            Matrix probe = minus(any, over(dual, 1 / along));

            Gain gain = rows(d).move(key, EXACT).solve(Metric.of(c, 1, 0));

            assertThat(gain.shares(probe).get(0, 0)).isCloseTo(0, within(1e-12));
        }
    }

    @Test
    void oneKeyGivesAChangeWhoseMinorsVanish() {
        Matrix key = random(7, 1, random);
        Matrix dW = rows(7).move(key, EXACT)
                .solve(Metric.identity())
                .delta(random(5, 1, random))
                .dense();
        for (int i = 0; i < 5; i++) {
            for (int k = 0; k < i; k++) {
                for (int j = 0; j < 7; j++) {
                    for (int l = 0; l < j; l++) {
                        double minor = dW.get(i, j) * dW.get(k, l) - dW.get(i, l) * dW.get(k, j);
                        assertThat(minor).isCloseTo(0, within(1e-14));
                    }
                }
            }
        }
    }

    @Test
    void theSolutionIsTheMinimumOfTheWeightedProblem() {
        for (int trial = 0; trial < 20; trial++) {
            int d = 3 + random.nextInt(8);
            Matrix c = moment(d);
            Matrix keys = random(d, 3, random);
            Matrix held = random(d, 4, random);
            Matrix movements = random(2, 3, random);
            Matrix dW = rows(d).move(keys, 0.7)
                    .hold(held, 2)
                    .solve(Metric.of(c, 0.3, 0.01))
                    .delta(movements)
                    .dense();
            double best = objective(dW, keys, held, movements, c);
            for (int nudge = 0; nudge < 20; nudge++) {
                Matrix other = plus(dW, over(random(2, d, random), 1e3));
                assertThat(objective(other, keys, held, movements, c)).isGreaterThan(best);
            }
        }
    }

    /** The objective of the package documentation, summed term by term. */
    private static double objective(Matrix dW, Matrix keys, Matrix held, Matrix movements, Matrix c) {
        double error = square(minus(times(dW, keys), movements));
        double moved = square(times(dW, held)) / held.columns();
        double ordinary = trace(times(times(dW, c), dW.transposed()));
        return 0.7 * error + 2 * moved + 0.3 * ordinary + 0.01 * square(dW);
    }

    @Test
    void aKeyOfTwiceTheWeightCountsAsTwoOfTheSame() {
        Matrix keys = random(9, 2, random);
        Matrix held = random(9, 2, random);
        Matrix movements = random(4, 2, random);
        Metric metric = Metric.of(moment(9), 0.3, 1e-3);
        Matrix weighted = rows(9).move(keys, new double[] {1, 2})
                .hold(held, new double[] {2, 0.5})
                .solve(metric)
                .delta(movements)
                .dense();
        Matrix twice = keys.beside(column(keys.column(1)));
        Matrix movedTwice = movements.beside(column(movements.column(1)));
        Matrix first = column(held.column(0));
        Matrix repeated = rows(9).move(twice, 1)
                .hold(first.beside(first), 2)
                .hold(column(held.column(1)), 0.5)
                .solve(metric)
                .delta(movedTwice)
                .dense();
        assertClose(weighted, repeated, 1e-12);
    }

    @Test
    void optimalityNoticesAGainThatSolvesAnotherProblem() {
        Matrix keys = random(6, 2, random);
        Matrix held = random(6, 2, random);
        Gain other = rows(6).move(keys, 1).solve(Metric.identity());
        assertThat(rows(6).move(keys, 1).hold(held, 1).optimality(other, Metric.identity()))
                .isGreaterThan(1e-3);
    }

    private static double square(Matrix matrix) {
        double norm = matrix.norm();
        return norm * norm;
    }

    @Test
    void solvingInKeysEqualsSolvingInColumns() {
        double worst = 0;
        for (int trial = 0; trial < 300; trial++) {
            int d = 2 + random.nextInt(40);
            boolean estimated = random.nextBoolean();
            Metric metric = estimated ? Metric.of(moment(d), 0.1 + random.nextDouble(), 1e-3) : Metric.identity(0.5);
            KeyRows rows = rows(d);
            int blocks = 1 + random.nextInt(3);
            int exactLeft = d - 1;
            int n = 0;
            for (int block = 0; block < blocks; block++) {
                int count = 1 + random.nextInt(4);
                boolean exact = random.nextBoolean() && count <= exactLeft;
                exactLeft -= exact ? count : 0;
                rows.move(random(d, count, random), exact ? EXACT : 0.1 + random.nextDouble());
                rows.hold(random(d, random.nextInt(30), random), 5);
                n += count;
            }
            Matrix movements = random(6, n, random);
            Matrix inKeys = rows.solveInKeys(metric).delta(movements).dense();
            Matrix inColumns = rows.solveInColumns(metric).delta(movements).dense();
            worst = Math.max(worst, relative(inKeys, inColumns));
            assertThat(rows.optimality(rows.solveInKeys(metric), metric)).isLessThan(1e-8);
            assertThat(rows.optimality(rows.solveInColumns(metric), metric)).isLessThan(1e-8);
        }
        assertThat(worst).isLessThan(1e-8);
    }

    /** Above about a thousand rows the library factorises in blocks. */
    @Test
    void largeSystemsAreSolvedToo() {
        int d = 1100;
        double[] diagonal = new double[d * d];
        for (int i = 0; i < d; i++) {
            diagonal[i * d + i] = 1 + random.nextDouble();
        }
        Matrix keys = random(d, 2, random);
        Matrix held = random(d, 3, random);
        KeyRows rows = rows(d).move(keys, 1).hold(held, EXACT);
        Matrix movements = random(3, 2, random);
        Metric metric = Metric.of(Matrix.of(d, d, diagonal), 1, 1e-3);
        Matrix inColumns = rows.solveInColumns(metric).delta(movements).dense();
        assertThat(relative(inColumns, rows.solveInKeys(metric).delta(movements).dense()))
                .isLessThan(1e-10);
        assertThat(times(inColumns, held).norm()).isLessThan(1e-10);
    }

    @Test
    void aLargeWeightApproachesTheEquality() {
        Matrix keys = random(9, 2, random);
        Matrix held = random(9, 3, random);
        Matrix movements = random(4, 2, random);
        Matrix exact = rows(9).move(keys, EXACT)
                .hold(held, EXACT)
                .solve(Metric.identity())
                .delta(movements)
                .dense();
        Matrix heavy = rows(9).move(keys, 1e7)
                .hold(held, 3e7)
                .solve(Metric.identity())
                .delta(movements)
                .dense();
        assertThat(relative(heavy, exact)).isLessThan(1e-5);
    }

    @Test
    void exactProtectionIsTheLeastFrobeniusSolution() {
        Matrix keys = random(8, 2, random);
        Matrix held = random(8, 3, random);
        Matrix movements = random(4, 2, random);
        Matrix all = keys.beside(held);
        DMatrixRMaj gram = times(all.transposed(), all).values().copy();
        assertThat(CommonOps_DDRM.invert(gram)).isTrue();
        Matrix wanted = movements.beside(Matrix.of(4, 3, new double[4 * 3]));
        Matrix definition = times(times(wanted, Matrix.of(gram)), all.transposed());

        Matrix found = rows(8).move(keys, EXACT)
                .hold(held, EXACT)
                .solve(Metric.identity())
                .delta(movements)
                .dense();

        assertClose(found, definition, 1e-12);
    }

    @Test
    void headLocalEditsSolveTheProblemOfTheirColumnsAndLeaveOthersZero() {
        Matrix keys = random(12, 2, random);
        Matrix c = moment(12);
        Columns heads = Columns.ofHeads(12, 4, java.util.List.of(2, 0));
        Matrix movements = random(5, 2, random);
        LowRank change = KeyRows.at("test", heads)
                .move(keys, EXACT)
                .solve(Metric.of(c, 1, 0))
                .delta(movements);
        Matrix dense = change.dense();
        for (int row = 0; row < 5; row++) {
            for (int column = 4; column < 8; column++) {
                assertThat(dense.get(row, column)).isZero();
            }
        }
        assertClose(times(dense, keys), movements, 1e-11);
        assertClose(change.times(keys), movements, 1e-11);
    }

    @Test
    void theShareOfAnEditKeyIsOneAndMovementsFollowShares() {
        Matrix keys = random(10, 3, random);
        Matrix movements = random(6, 3, random);
        Gain gain = rows(10).move(keys, EXACT).solve(Metric.identity());
        assertClose(gain.shares(keys), Matrix.identity(3), 1e-12);
        Matrix probes = random(10, 5, random);
        assertClose(gain.delta(movements).times(probes), times(movements, gain.shares(probes)), 1e-12);
    }

    @Test
    void aZeroKeyIsRefused() {
        assertThatThrownBy(() -> rows(3).move(Matrix.of(3, 1, new double[3 * 1]), EXACT))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("edit key is zero");
        assertThatThrownBy(() -> KeyRows.at("test", Columns.of(3, 2)).move(column(1, 2, 0), EXACT))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("1 of 3 columns");
    }

    @Test
    void aMetricThatTurnsTheKeyAwayIsRefused() {
        // u = M^-1 k is orthogonal to k within rounding
        Matrix c = matrix(row(1e22, 0), row(0, 1));
        assertThatThrownBy(() -> rows(2).move(column(1, 1e-11), EXACT).solve(Metric.of(c, 1, 0)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("k.u is close to zero");
    }

    @Test
    void dependentExactKeysAreRefusedWithSizeLambdaAndPivot() {
        Matrix key = random(5, 1, random);
        Matrix twice = plus(key, key);
        assertThatThrownBy(() -> rows(5).move(key, EXACT).hold(twice, EXACT).solve(Metric.identity()))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("n = 2")
                .hasMessageContaining("lambda 0.0")
                .hasMessageContaining("smallest pivot")
                .hasMessageContaining("row 1");
    }

    @Test
    void withoutARegulariserTooFewKeysAreRefused() {
        assertThatThrownBy(() -> rows(5).move(random(5, 2, random), 1).solve(Metric.identity(0)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("n = 5")
                .hasMessageContaining("smallest pivot");
    }

    @Test
    void aNegativeOrUnlimitedRegulariserIsRefused() {
        assertThatThrownBy(() -> Metric.identity(-1)).isInstanceOf(BadInput.class);
        assertThatThrownBy(() -> Metric.identity(Double.NaN)).isInstanceOf(BadInput.class);
        assertThatThrownBy(() -> rows(2).move(column(1, 1), 0)).isInstanceOf(BadInput.class);
    }

    @Test
    void aMomentOfAnotherSizeIsRefused() {
        assertThatThrownBy(() -> rows(2).move(column(1, 1), 1).solve(Metric.of(moment(3), 1, 0)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("[2, 2]")
                .hasMessageContaining("[3, 3]");
    }

    @Test
    void nonFiniteKeysAreRefused() {
        assertThatThrownBy(() -> rows(2).hold(column(1, Double.NaN), 1))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("protected key is not finite");
    }
}

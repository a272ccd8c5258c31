package modelpatch.solve;

import static modelpatch.solve.KeyRows.EXACT;
import static modelpatch.solve.Matrices.assertClose;
import static modelpatch.solve.Matrices.column;
import static modelpatch.solve.Matrices.matrix;
import static modelpatch.solve.Matrices.minus;
import static modelpatch.solve.Matrices.over;
import static modelpatch.solve.Matrices.plus;
import static modelpatch.solve.Matrices.row;
import static modelpatch.solve.Matrices.times;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import modelpatch.patch.Orientation;
import modelpatch.patch.TensorDelta;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.Test;

/** Edits worked out by hand with rationals. */
class ClosedFormFixturesTest {
    private static final double TOLERANCE = 1e-12;
    private static final Matrix IDENTITY = Matrix.identity(2);

    private static Matrix change(Matrix weight, Matrix keys, Matrix targets, double w, Metric m) {
        return KeyRows.at("fixture", Columns.all(keys.rows()))
                .move(keys, w)
                .solve(m)
                .delta(minus(targets, times(weight, keys)))
                .dense();
    }

    private static double squaredNorm(Matrix matrix) {
        double norm = matrix.norm();
        return norm * norm;
    }

    @Test
    void rankOneEditMovesItsKeyAndNothingOrthogonal() {
        Matrix dW = change(IDENTITY, column(3, 4), column(0, 10), EXACT, Metric.identity());
        assertClose(dW, over(matrix(row(-9, -12), row(18, 24)), 25), TOLERANCE);
        Matrix edited = plus(IDENTITY, dW);
        assertClose(times(edited, column(3, 4)), column(0, 10), TOLERANCE);
        assertClose(times(edited, column(4, -3)), column(4, -3), TOLERANCE);
        assertClose(times(edited, column(1, 0)), over(column(16, 18), 25), TOLERANCE);
        assertThat(squaredNorm(dW)).isCloseTo(9 / 5.0, within(TOLERANCE));
    }

    @Test
    void aRidgeOfTheKeysSquaredNormHalvesTheEdit() {
        Matrix dW = change(IDENTITY, column(3, 4), column(0, 10), 1, Metric.identity(25));
        assertClose(times(plus(IDENTITY, dW), column(3, 4)), column(3 / 2.0, 7), TOLERANCE);
        assertThat(squaredNorm(dW)).isCloseTo(9 / 20.0, within(TOLERANCE));
    }

    @Test
    void aSecondMomentTiltsTheEditAwayFromOrdinaryInputs() {
        Metric metric = Metric.of(matrix(row(4, 0), row(0, 1)), 1, 0);
        Matrix dW = change(IDENTITY, column(3, 4), column(0, 10), EXACT, metric);
        assertClose(dW, over(matrix(row(-9, -48), row(18, 96)), 73), TOLERANCE);
        Matrix edited = plus(IDENTITY, dW);
        assertClose(times(edited, column(3, 4)), column(0, 10), TOLERANCE);
        assertClose(times(edited, column(16, -3)), column(16, -3), TOLERANCE);
        assertClose(times(edited, column(4, -3)), over(column(400, -435), 73), TOLERANCE);
    }

    @Test
    void theMeanOverTemplatesReachesTheTargetButSingleTemplatesDoNot() {
        Matrix weight = matrix(row(1, 2), row(0, 1));
        Matrix dW = change(weight, column(1, 1), column(7, 3), EXACT, Metric.identity());
        assertClose(dW, matrix(row(2, 2), row(1, 1)), TOLERANCE);
        Matrix edited = plus(weight, dW);
        assertClose(times(edited, column(1, 1)), column(7, 3), TOLERANCE);
        assertClose(times(edited, column(1, 0)), column(3, 1), TOLERANCE);
        assertClose(times(edited, column(1, 2)), column(11, 5), TOLERANCE);
    }

    @Test
    void aimingAtAnotherKeysValueRewritesTheKeyInFrontOfTheMap() {
        Matrix composition = column(3, 4);
        Matrix guide = column(4, 3);
        Gain gain =
                KeyRows.at("fixture", Columns.all(2)).move(composition, EXACT).solve(Metric.identity());
        Matrix edited = plus(IDENTITY, gain.delta(minus(guide, composition)).dense());
        assertClose(edited, over(matrix(row(28, 4), row(-3, 21)), 25), TOLERANCE);
        assertThat(CommonOps_DDRM.det(edited.values())).isCloseTo(24 / 25.0, within(TOLERANCE));
        assertThat(gain.keyRewriteDeterminant(guide, composition)).isCloseTo(24 / 25.0, within(TOLERANCE));
        assertClose(times(edited, composition), guide, TOLERANCE);
        assertClose(times(edited, guide), over(column(124, 51), 25), TOLERANCE);
    }

    @Test
    void aProtectedGuideStays() {
        Matrix composition = column(3, 4);
        Matrix guide = column(4, 3);
        Matrix dW = KeyRows.at("fixture", Columns.all(2))
                .move(composition, EXACT)
                .hold(guide, EXACT)
                .solve(Metric.identity())
                .delta(minus(guide, composition))
                .dense();
        assertClose(dW, over(matrix(row(-3, 4), row(3, -4)), 7), TOLERANCE);
        assertClose(times(plus(IDENTITY, dW), guide), guide, TOLERANCE);
        assertClose(times(plus(IDENTITY, dW), composition), guide, TOLERANCE);
    }

    @Test
    void orthogonalGuideAndCompositionMakeTheRewriteSingularAndAreWarnedOf() {
        Gain gain =
                KeyRows.at("fixture", Columns.all(2)).move(column(3, 4), EXACT).solve(Metric.identity());
        assertThat(gain.singularityWarning(column(4, -3), column(3, 4)))
                .hasValueSatisfying(warning -> assertThat(warning).contains("det E"));
        assertThat(gain.singularityWarning(column(4, 3), column(3, 4))).isEmpty();
    }

    @Test
    void aHeadLocalEditReachesTheGuideThroughOneHeadAlone() {
        Matrix weight = matrix(row(1, 0, 2, 0), row(0, 1, 0, 2));
        Matrix composition = column(1, 0, 0, 1);
        Matrix guide = column(0, 1, 0, 1);
        Matrix other = column(0, 0, 0, 1);

        Matrix whole = plus(weight, change(weight, composition, times(weight, guide), EXACT, Metric.identity()));
        assertClose(whole, matrix(row(0.5, 0, 2, -0.5), row(0.5, 1, 0, 2.5)), TOLERANCE);
        assertClose(times(weight, other), column(0, 2), TOLERANCE);
        assertClose(times(whole, other), column(-0.5, 2.5), TOLERANCE);

        Columns head = Columns.ofHeads(4, 2, List.of(0));
        LowRank change = KeyRows.at("fixture", head)
                .move(composition, EXACT)
                .solve(Metric.identity())
                .delta(minus(times(weight, guide), times(weight, composition)));
        Matrix local = plus(weight, change.dense());
        assertClose(local, matrix(row(0, 0, 2, 0), row(1, 1, 0, 2)), TOLERANCE);
        assertClose(times(local, composition), column(0, 3), TOLERANCE);
        assertClose(times(local, other), times(weight, other), TOLERANCE);
    }

    @Test
    void columnsOfUnselectedHeadsKeepTheirBytesEvenNegativeZeros() {
        float[] base = {1, -0f, 2, -0f, -0f, 1, Float.MIN_VALUE, 2};
        LowRank change = KeyRows.at("fixture", Columns.ofHeads(4, 2, List.of(0)))
                .move(column(1, 0, 0, 1), EXACT)
                .solve(Metric.identity())
                .delta(column(-1, 1));
        TensorDelta delta = TensorDelta.of("w", change, Orientation.OUT_IN);
        float[] patched = TensorDelta.apply(base, List.of(delta));
        for (int i : new int[] {2, 3, 6, 7}) {
            assertThat(Float.floatToRawIntBits(patched[i])).isEqualTo(Float.floatToRawIntBits(base[i]));
        }
        assertThat(patched[0]).isCloseTo(0, within(1e-6f));
        assertThat(patched[4]).isCloseTo(1, within(1e-6f));
    }

    @Test
    void aMapStoredInputsFirstTakesTheTransposedChange() {
        LowRank change = KeyRows.at("fixture", Columns.ofHeads(4, 2, List.of(1)))
                .move(column(1, 0, 3, 4), EXACT)
                .solve(Metric.identity())
                .delta(column(5, 10, 15));
        float[] outputsFirst =
                TensorDelta.apply(new float[12], List.of(TensorDelta.of("w", change, Orientation.OUT_IN)));
        float[] inputsFirst =
                TensorDelta.apply(new float[12], List.of(TensorDelta.of("w", change, Orientation.IN_OUT)));
        for (int output = 0; output < 3; output++) {
            for (int input = 0; input < 4; input++) {
                assertThat(inputsFirst[input * 3 + output]).isEqualTo(outputsFirst[output * 4 + input]);
            }
        }
    }
}

package modelpatch.solve;

import static modelpatch.solve.Matrices.column;
import static modelpatch.solve.Matrices.matrix;
import static modelpatch.solve.Matrices.random;
import static modelpatch.solve.Matrices.row;
import static modelpatch.solve.Matrices.times;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GeometryTest {
    private final Random random = new Random(3);

    @Test
    void effectiveRankCountsEqualDirectionsAndDiscountsWeakOnes() {
        assertThat(Geometry.effectiveRank(new double[] {2, 2, 2})).isCloseTo(3, within(1e-12));
        assertThat(Geometry.effectiveRank(new double[] {5, 0, 0})).isEqualTo(1);
        assertThat(Geometry.effectiveRank(new double[] {0, 0})).isZero();
        assertThat(Geometry.effectiveRank(new double[] {1, 1e-3})).isBetween(1.0, 1.02);
    }

    @Test
    void singularValuesOfAChangeAreThoseOfItsMatrix() {
        for (int rank : new int[] {1, 3, 9}) {
            LowRank change = LowRank.product(random(9, rank, random), random(rank, 9, random), Columns.all(9));
            double[] found = Geometry.singularValues(change);
            double[] expected = Geometry.singularValues(change.dense());
            for (int i = 0; i < rank; i++) {
                assertThat(found[i]).isCloseTo(expected[i], within(1e-12));
            }
        }
    }

    @Test
    void aProductKeepsItsValuesAndLosesItsEmptyDirections() {
        Matrix a = random(12, 2, random);
        Matrix wide = a.beside(a);
        Matrix b = random(4, 15, random);
        LowRank change = LowRank.product(wide, b, Columns.all(15));
        assertThat(change.rank()).isEqualTo(2);
        Matrices.assertClose(change.dense(), times(wide, b), 1e-12);
    }

    @Test
    void anglesOfLinesAndPlanes() {
        assertThat(Geometry.principalAngles(column(1, 0, 0), column(1, 1, 0)))
                .containsExactly(new double[] {Math.PI / 4}, within(1e-12));
        // two planes that share the x axis and stand at 60 degrees
        Matrix flat = matrix(row(1, 0), row(0, 1), row(0, 0));
        Matrix tilted = matrix(row(1, 0), row(0, 0.5), row(0, Math.sqrt(3) / 2));
        assertThat(Geometry.principalAngles(flat, tilted))
                .containsExactly(new double[] {0, Math.PI / 3}, within(1e-12));
        assertThat(Geometry.principalAngles(tilted, column(1, 0, 0))).containsExactly(new double[] {0}, within(1e-12));
    }

    @Test
    void smallAnglesAreNotLostInTheirCosine() {
        double tiny = 1e-10;
        assertThat(Geometry.principalAngles(column(1, 0), column(Math.cos(tiny), Math.sin(tiny)))[0])
                .isCloseTo(tiny, within(1e-15));
    }

    @Test
    void anglesDoNotDependOnTheBasis() {
        Matrix a = random(10, 3, random);
        Matrix b = random(10, 2, random);
        double[] angles = Geometry.principalAngles(a, b);
        assertThat(Geometry.principalAngles(b, times(a, random(3, 3, random)))).containsExactly(angles, within(1e-10));
        assertThat(Geometry.principalAngles(a, times(a, random(3, 3, random))))
                .containsExactly(new double[] {0, 0, 0}, within(1e-10));
    }
}

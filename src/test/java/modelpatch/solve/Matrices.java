package modelpatch.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** Small matrices for tests, written the way the fixtures are. */
public final class Matrices {
    private Matrices() {}

    public static DMatrixRMaj matrix(double[]... rows) {
        return new DMatrixRMaj(rows);
    }

    public static double[] row(double... values) {
        return values;
    }

    public static DMatrixRMaj column(double... values) {
        return new DMatrixRMaj(values.length, 1, true, values);
    }

    public static DMatrixRMaj times(DMatrixRMaj a, DMatrixRMaj b) {
        return CommonOps_DDRM.mult(a, b, null);
    }

    public static DMatrixRMaj plus(DMatrixRMaj a, DMatrixRMaj b) {
        return CommonOps_DDRM.add(a, b, null);
    }

    public static DMatrixRMaj minus(DMatrixRMaj a, DMatrixRMaj b) {
        return CommonOps_DDRM.subtract(a, b, null);
    }

    public static DMatrixRMaj over(DMatrixRMaj a, double divisor) {
        DMatrixRMaj result = a.copy();
        CommonOps_DDRM.divide(result, divisor);
        return result;
    }

    public static DMatrixRMaj random(int rows, int columns, RandomGenerator random) {
        DMatrixRMaj matrix = new DMatrixRMaj(rows, columns);
        for (int i = 0; i < matrix.getNumElements(); i++) {
            matrix.data[i] = random.nextGaussian();
        }
        return matrix;
    }

    public static void assertClose(DMatrixRMaj found, DMatrixRMaj expected, double tolerance) {
        assertThat(found.numRows).isEqualTo(expected.numRows);
        assertThat(found.numCols).isEqualTo(expected.numCols);
        for (int i = 0; i < expected.getNumElements(); i++) {
            assertThat(found.data[i]).as("element %d of%n%s", i, found).isCloseTo(expected.data[i], within(tolerance));
        }
    }
}

package modelpatch.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;

/** Small matrices for tests, written the way the fixtures are. */
public final class Matrices {
    private Matrices() {}

    public static Matrix matrix(double[]... rows) {
        return Matrix.of(
                rows.length,
                rows[0].length,
                Arrays.stream(rows).flatMapToDouble(DoubleStream::of).toArray());
    }

    public static double[] row(double... values) {
        return values;
    }

    public static Matrix column(double... values) {
        return Matrix.of(values.length, 1, values);
    }

    public static Matrix times(Matrix a, Matrix b) {
        return a.times(b);
    }

    public static Matrix plus(Matrix a, Matrix b) {
        return a.plus(b);
    }

    public static Matrix minus(Matrix a, Matrix b) {
        return a.minus(b);
    }

    public static Matrix over(Matrix a, double divisor) {
        double[] values = new double[a.rows() * a.columns()];
        for (int i = 0; i < values.length; i++) {
            values[i] = a.get(i / a.columns(), i % a.columns()) / divisor;
        }
        return Matrix.of(a.rows(), a.columns(), values);
    }

    public static Matrix random(int rows, int columns, RandomGenerator random) {
        double[] values = new double[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return Matrix.of(rows, columns, values);
    }

    public static void assertClose(Matrix found, Matrix expected, double tolerance) {
        assertThat(found.rows()).isEqualTo(expected.rows());
        assertThat(found.columns()).isEqualTo(expected.columns());
        for (int i = 0; i < expected.rows(); i++) {
            for (int j = 0; j < expected.columns(); j++) {
                assertThat(found.get(i, j))
                        .as("element %d, %d of%n%s", i, j, found)
                        .isCloseTo(expected.get(i, j), within(tolerance));
            }
        }
    }
}

package modelpatch.solve;

import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Sums k k^T over a stream of keys in double. Only the lower triangle is summed: the result is exactly symmetric.
 */
public final class SecondMomentEstimator {
    private static final int BLOCK = 32;

    /** Its square is the largest that an array can hold, and an int. */
    private static final int WIDEST = 46340;

    private final int size;
    private final double[] sum;
    private long count;

    /**
     * An estimator of keys of {@code size} = d_in numbers that has seen none.
     *
     * @throws BadInput where the matrix is larger than an array can be
     */
    public SecondMomentEstimator(int size) {
        if (size > WIDEST) {
            throw new BadInput(
                    "inputs too wide for a second moment",
                    "an edited map",
                    "at most " + WIDEST + " inputs",
                    String.valueOf(size),
                    "edit another layer, or by a method that estimates none");
        }
        this.size = size;
        this.sum = new double[size * size];
    }

    /**
     * Adds keys.
     *
     * @param keys [n, d_in] row-major; not modified
     * @throws BadInput when a number is not finite; nothing is added then
     */
    public void add(float[] keys) {
        if (keys.length % size != 0) {
            throw new IllegalArgumentException(keys.length + " numbers are no whole number of keys of " + size);
        }
        double[] exact = new double[keys.length];
        for (int i = 0; i < keys.length; i++) {
            if (!Float.isFinite(keys[i])) {
                throw BadInput.of("keys", "hold " + keys[i] + "; the model overflows on this text");
            }
            exact[i] = keys[i];
        }
        // a few keys at a time for each row of the sum: the row and the keys stay in the cache, the order of the sum is
        // that of the keys
        for (int start = 0; start < exact.length; start += BLOCK * size) {
            int end = Math.min(exact.length, start + BLOCK * size);
            for (int i = 0; i < size; i++) {
                int key = start;
                for (; key + 4 * size <= end; key += 4 * size) {
                    addRows(i, exact, key);
                }
                for (; key < end; key += size) {
                    addRow(i, exact, key);
                }
            }
        }
        count += keys.length / size;
    }

    /** Four keys one after another, so that the sum is read and written once for them. */
    private void addRows(int i, double[] keys, int key) {
        int second = key + size;
        int third = second + size;
        int fourth = third + size;
        double k1 = keys[key + i];
        double k2 = keys[second + i];
        double k3 = keys[third + i];
        double k4 = keys[fourth + i];
        int row = i * size;
        for (int j = 0; j <= i; j++) {
            sum[row + j] = sum[row + j]
                    + k1 * keys[key + j]
                    + k2 * keys[second + j]
                    + k3 * keys[third + j]
                    + k4 * keys[fourth + j];
        }
    }

    private void addRow(int i, double[] keys, int key) {
        double k = keys[key + i];
        int row = i * size;
        for (int j = 0; j <= i; j++) {
            sum[row + j] += k * keys[key + j];
        }
    }

    public long count() {
        return count;
    }

    /** The lower triangle of the sum, row after row, [d_in (d_in + 1) / 2]. */
    public double[] triangle() {
        double[] triangle = new double[(int) (size * (size + 1L) / 2)];
        for (int i = 0; i < size; i++) {
            System.arraycopy(sum, i * size, triangle, i * (i + 1) / 2, i + 1);
        }
        return triangle;
    }

    /** An estimator that has already summed so many keys to the given triangle. */
    public static SecondMomentEstimator resumed(int size, double[] triangle, long count) {
        SecondMomentEstimator estimator = new SecondMomentEstimator(size);
        for (int i = 0; i < size; i++) {
            System.arraycopy(triangle, i * (i + 1) / 2, estimator.sum, i * size, i + 1);
        }
        estimator.count = count;
        return estimator;
    }

    /**
     * The mean so far.
     *
     * @throws BadInput when no key was seen
     */
    public SecondMoment moment() {
        if (count == 0) {
            throw BadInput.of("second moment", "no key was seen; the text is empty");
        }
        DMatrixRMaj matrix = new DMatrixRMaj(size, size);
        for (int i = 0; i < size; i++) {
            for (int j = 0; j <= i; j++) {
                matrix.set(i, j, sum[i * size + j]);
                matrix.set(j, i, sum[i * size + j]);
            }
        }
        CommonOps_DDRM.divide(matrix, (double) count);
        return new SecondMoment(Matrix.of(matrix), count);
    }
}

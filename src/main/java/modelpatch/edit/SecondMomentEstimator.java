package modelpatch.edit;

import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Sums k k^T over a stream of keys in double. Two estimators of disjoint streams merge into that of both. Only the lower triangle is summed:
 * the result is exactly symmetric.
 */
public final class SecondMomentEstimator {
    private final int size;
    private final double[] sum;
    private long count;

    /** An estimator of keys of {@code size} = d_in numbers that has seen none. */
    public SecondMomentEstimator(int size) {
        this(size, new double[size * size], 0);
    }

    SecondMomentEstimator(int size, double[] sum, long count) {
        this.size = size;
        this.sum = sum;
        this.count = count;
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
        for (float value : keys) {
            if (!Float.isFinite(value)) {
                throw BadInput.of("keys", "hold " + value + "; the model overflows on this text");
            }
        }
        for (int start = 0; start < keys.length; start += size) {
            for (int i = 0; i < size; i++) {
                double k = keys[start + i];
                int row = i * size;
                for (int j = 0; j <= i; j++) {
                    sum[row + j] += k * keys[start + j];
                }
            }
        }
        count += keys.length / size;
    }

    /** Adds all that another estimator has seen; that one is not modified. */
    public void merge(SecondMomentEstimator other) {
        if (other.size != size) {
            throw new IllegalArgumentException("keys of " + other.size + " numbers do not merge with keys of " + size);
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.sum[i];
        }
        count += other.count;
    }

    public int size() {
        return size;
    }

    public long count() {
        return count;
    }

    /** Row-major lower triangle of the sum in a [d_in, d_in] array; a copy. */
    double[] sum() {
        return sum.clone();
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
        return new SecondMoment(matrix, count);
    }
}

package modelpatch.solve;

import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * C = E[k k^T] of the keys at one site: what inputs usually look like there. Not centred. Estimated by {@link SecondMomentEstimator}.
 */
public final class SecondMoment {
    private final Matrix matrix;
    private final long count;

    SecondMoment(Matrix matrix, long count) {
        this.matrix = matrix;
        this.count = count;
    }

    /** C [d_in, d_in]. */
    public Matrix matrix() {
        return matrix;
    }

    /** How many keys it was estimated from. */
    public long count() {
        return count;
    }

    public int size() {
        return matrix.rows();
    }

    /** E|k|^2, the trace of C. */
    double meanSquaredNorm() {
        return CommonOps_DDRM.trace(matrix.values());
    }

    /**
     * C scaled so that its trace is the given mean squared norm: lambda then weighs the edit's own keys against ordinary ones of the same
     * size, and means the same at every layer.
     *
     * @throws BadInput when C is zero
     */
    public Matrix scaledTo(double meanSquaredNorm) {
        double trace = meanSquaredNorm();
        if (!(trace > 0)) {
            throw BadInput.of("second moment", "all of its " + count + " keys are zero; estimate it from other text");
        }
        DMatrixRMaj scaled = matrix.values().copy();
        CommonOps_DDRM.scale(meanSquaredNorm / trace, scaled);
        return Matrix.of(scaled);
    }
}

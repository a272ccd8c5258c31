package modelpatch.solve;

import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * C = E[k k^T] of the keys at one site: what inputs usually look like there. Not centred. Estimated by {@link SecondMomentEstimator}.
 */
public final class SecondMoment {
    private final DMatrixRMaj matrix;
    private final long count;

    SecondMoment(DMatrixRMaj matrix, long count) {
        this.matrix = matrix;
        this.count = count;
    }

    /** C [d_in, d_in]; a copy. */
    public DMatrixRMaj matrix() {
        return matrix.copy();
    }

    /** How many keys it was estimated from. */
    public long count() {
        return count;
    }

    public int size() {
        return matrix.numRows;
    }

    /** E|k|^2, the trace of C. */
    public double meanSquaredNorm() {
        return CommonOps_DDRM.trace(matrix);
    }

    /**
     * C scaled so that its trace is the given mean squared norm: lambda then weighs the edit's own keys against ordinary ones of the same
     * size, and means the same at every layer.
     *
     * @throws BadInput when C is zero
     */
    public DMatrixRMaj scaledTo(double meanSquaredNorm) {
        double trace = meanSquaredNorm();
        if (!(trace > 0)) {
            throw BadInput.of("second moment", "all of its " + count + " keys are zero; estimate it from other text");
        }
        DMatrixRMaj scaled = matrix.copy();
        CommonOps_DDRM.scale(meanSquaredNorm / trace, scaled);
        return scaled;
    }
}

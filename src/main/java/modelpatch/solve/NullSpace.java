package modelpatch.solve;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The directions that ordinary inputs hardly use: the eigenvectors of a second moment C whose eigenvalues are small. P = U_0 U_0^T projects onto them
 * (AlphaEdit, arXiv 2410.02355, section 3.1).
 */
public final class NullSpace {
    private final Matrix used;

    /** @param used orthonormal columns that span what is left out, [d_in, d_in - rank] */
    private NullSpace(Matrix used) {
        this.used = used;
    }

    /**
     * The null space of a second moment.
     *
     * @param below eigenvalues that are smaller than this share of their mean count as zero
     */
    public static NullSpace of(SecondMoment moment, double below) {
        DMatrixRMaj c = moment.matrix().values();
        int n = c.numRows;
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(n, true, true);
        if (!eigen.decompose(c.copy())) {
            throw new IllegalStateException("no eigenvectors of a second moment of " + n);
        }
        double limit = below * moment.meanSquaredNorm() / n;
        int used = 0;
        DMatrixRMaj basis = new DMatrixRMaj(n, n);
        for (int i = 0; i < n; i++) {
            if (eigen.getEigenvalue(i).getReal() >= limit) {
                CommonOps_DDRM.insert(eigen.getEigenVector(i), basis, 0, used++);
            }
        }
        return new NullSpace(
                used > 0 ? Matrix.of(CommonOps_DDRM.extract(basis, 0, n, 0, used)) : Matrix.withoutColumns(n));
    }

    /** Of P, how many directions are free. */
    public int rank() {
        return used.rows() - used.columns();
    }

    /** How many there are, d_in. */
    public int size() {
        return used.rows();
    }

    /** P K for keys [d_in, n]: K without what lies in the used directions. */
    public Matrix project(Matrix keys) {
        return keys.minus(used.times(used.transposed().times(keys)));
    }

    /** Which share of a change of weights lies outside, |dW (I - P)| / |dW|, Frobenius; 0 for no change. */
    public double leak(LowRank change) {
        double norm = change.dense().norm();
        return norm > 0 ? change.times(used).norm() / norm : 0;
    }
}

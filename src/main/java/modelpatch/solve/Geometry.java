package modelpatch.solve;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/** Size and direction of changes: singular values, effective rank, angles between the subspaces they act on. */
public final class Geometry {
    private Geometry() {}

    /** Singular values in descending order. */
    static double[] singularValues(Matrix matrix) {
        if (matrix.rows() == 0 || matrix.columns() == 0) {
            return new double[0];
        }
        SingularValueDecomposition_F64<DMatrixRMaj> svd = LowRank.svd(matrix.values(), false);
        double[] ascending = Arrays.copyOf(svd.getSingularValues(), svd.numberOfSingularValues());
        Arrays.sort(ascending);
        double[] descending = new double[ascending.length];
        for (int i = 0; i < descending.length; i++) {
            descending[i] = ascending[ascending.length - 1 - i];
        }
        return descending;
    }

    /** Singular values of a change, without writing it out. */
    public static double[] singularValues(LowRank change) {
        if (change.rank() == Math.min(change.left().rows(), change.columns().count())) {
            return singularValues(change.dense());
        }
        // balanced factors have orthogonal directions: |left_i| |right_i| is the i-th singular value
        Matrix left = change.left();
        Matrix right = change.right().transposed();
        double[] values = new double[change.rank()];
        for (int i = 0; i < values.length; i++) {
            values[i] = left.columnNorm(i) * right.columnNorm(i);
        }
        return values;
    }

    /**
     * The effective rank exp(-sum p_i ln p_i) with p_i = s_i / sum s (Roy and Vetterli 2007): r for r equal singular values, 1 for a rank-one
     * matrix, 0 for the zero matrix.
     */
    public static double effectiveRank(double[] singularValues) {
        double total = Arrays.stream(singularValues).sum();
        if (total == 0) {
            return 0;
        }
        double entropy = 0;
        for (double s : singularValues) {
            double p = s / total;
            entropy -= p > 0 ? p * Math.log(p) : 0;
        }
        return Math.exp(entropy);
    }

    /**
     * The principal angles between the spans of two sets of columns, in radians, ascending; as many as the smaller span has dimensions.
     * Cosines come from the product of the bases and, because a cosine says little near 1, sines from what one basis leaves of the other
     * (Bjorck and Golub 1973; Knyazev and Argentati 2002).
     *
     * @param a [d, p] of full column rank
     * @param b [d, q] of full column rank
     */
    public static double[] principalAngles(Matrix a, Matrix b) {
        if (a.columns() > b.columns()) {
            return principalAngles(b, a);
        }
        if (a.columns() == 0) {
            return new double[0];
        }
        DMatrixRMaj smaller = basis(a.values());
        DMatrixRMaj larger = basis(b.values());
        DMatrixRMaj shared = CommonOps_DDRM.multTransA(larger, smaller, null);
        DMatrixRMaj rest = smaller.copy();
        CommonOps_DDRM.multAdd(-1, larger, shared, rest);
        double[] cosines = singularValues(Matrix.of(shared));
        double[] sines = singularValues(Matrix.of(rest));
        double[] angles = new double[cosines.length];
        for (int i = 0; i < angles.length; i++) {
            double sine = Math.min(1, sines[sines.length - 1 - i]);
            double cosine = Math.min(1, cosines[i]);
            angles[i] = cosine * cosine > 0.5 ? Math.asin(sine) : Math.acos(cosine);
        }
        return angles;
    }

    /** An orthonormal basis of the columns. */
    private static DMatrixRMaj basis(DMatrixRMaj matrix) {
        QRDecomposition<DMatrixRMaj> qr = LowRank.qr(matrix);
        return qr.getQ(null, true);
    }
}

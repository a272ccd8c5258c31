package modelpatch.solve;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRDecomposition;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * A change of a linear map in double, dW = left [d_out, r] right [r, c], zero outside its columns. Factors are balanced: left = U s^1/2,
 * right = s^1/2 V^T of the singular value decomposition, so that rounding them to float32 costs the product no more than rounding it
 * would. A change of full rank is its matrix beside an identity.
 */
public final class LowRank {
    private final DMatrixRMaj left;
    private final DMatrixRMaj right;
    private final Columns columns;

    private LowRank(DMatrixRMaj left, DMatrixRMaj right, Columns columns) {
        this.left = left;
        this.right = right;
        this.columns = columns;
    }

    /**
     * The product a [d_out, n] b [n, c], with the directions that are zero within rounding dropped.
     *
     * @param a not modified
     * @param b not modified
     * @param columns where the c columns of b stand among the d_in
     */
    public static LowRank product(DMatrixRMaj a, DMatrixRMaj b, Columns columns) {
        if (a.numCols != b.numRows || b.numCols != columns.count()) {
            throw new IllegalArgumentException("factors [" + a.numRows + ", " + a.numCols + "] and [" + b.numRows + ", "
                    + b.numCols + "] do not make a change of " + columns);
        }
        if (a.numCols == 0 || NormOps_DDRM.normF(a) == 0 || NormOps_DDRM.normF(b) == 0) {
            return new LowRank(new DMatrixRMaj(a.numRows, 0), new DMatrixRMaj(0, b.numCols), columns);
        }
        if (a.numCols >= Math.min(a.numRows, b.numCols)) {
            DMatrixRMaj full = CommonOps_DDRM.mult(a, b, null);
            return b.numCols <= a.numRows
                    ? new LowRank(full, CommonOps_DDRM.identity(b.numCols), columns)
                    : new LowRank(CommonOps_DDRM.identity(a.numRows), full, columns);
        }
        QRDecomposition<DMatrixRMaj> outer = qr(a);
        QRDecomposition<DMatrixRMaj> inner = qr(CommonOps_DDRM.transpose(b, null));
        DMatrixRMaj core = CommonOps_DDRM.multTransB(outer.getR(null, true), inner.getR(null, true), null);
        SingularValueDecomposition_F64<DMatrixRMaj> svd = svd(core, true);
        DMatrixRMaj u = svd.getU(null, false);
        DMatrixRMaj v = svd.getV(null, false);
        double[] values = svd.getSingularValues();
        SingularOps_DDRM.descendingOrder(u, false, values, svd.numberOfSingularValues(), v, false);
        int rank = 0;
        while (rank < values.length && values[rank] > values[0] * Math.ulp(1.0) * a.numCols) {
            rank++;
        }
        DMatrixRMaj left = scaledColumns(CommonOps_DDRM.mult(outer.getQ(null, true), u, null), values, rank);
        DMatrixRMaj right = scaledColumns(CommonOps_DDRM.mult(inner.getQ(null, true), v, null), values, rank);
        return new LowRank(left, CommonOps_DDRM.transpose(right, null), columns);
    }

    private static DMatrixRMaj scaledColumns(DMatrixRMaj matrix, double[] values, int rank) {
        DMatrixRMaj scaled = CommonOps_DDRM.extract(matrix, 0, matrix.numRows, 0, rank);
        for (int j = 0; j < rank; j++) {
            for (int i = 0; i < scaled.numRows; i++) {
                scaled.set(i, j, scaled.get(i, j) * Math.sqrt(values[j]));
            }
        }
        return scaled;
    }

    static QRDecomposition<DMatrixRMaj> qr(DMatrixRMaj matrix) {
        QRDecomposition<DMatrixRMaj> qr = DecompositionFactory_DDRM.qr(matrix.numRows, matrix.numCols);
        if (!qr.decompose(matrix.copy())) {
            throw new IllegalStateException("QR of [" + matrix.numRows + ", " + matrix.numCols + "] failed");
        }
        return qr;
    }

    static SingularValueDecomposition_F64<DMatrixRMaj> svd(DMatrixRMaj matrix, boolean vectors) {
        SingularValueDecomposition_F64<DMatrixRMaj> svd =
                DecompositionFactory_DDRM.svd(matrix.numRows, matrix.numCols, vectors, vectors, true);
        if (!svd.decompose(matrix.copy())) {
            throw new IllegalStateException(
                    "singular values of [" + matrix.numRows + ", " + matrix.numCols + "] did not converge");
        }
        return svd;
    }

    public int rank() {
        return left.numCols;
    }

    public Columns columns() {
        return columns;
    }

    /** [d_out, r]; a copy. */
    public DMatrixRMaj left() {
        return left.copy();
    }

    /** [r, c]; a copy. */
    public DMatrixRMaj right() {
        return right.copy();
    }

    /** dW [d_out, d_in], written out. */
    public DMatrixRMaj dense() {
        DMatrixRMaj product = CommonOps_DDRM.mult(left, right, null);
        DMatrixRMaj dense = new DMatrixRMaj(left.numRows, columns.width());
        for (int i = 0; i < dense.numRows; i++) {
            for (int c = 0; c < columns.count(); c++) {
                dense.set(i, columns.index(c), product.get(i, c));
            }
        }
        return dense;
    }

    /** dW keys, [d_out, n], for keys [d_in, n]. */
    public DMatrixRMaj times(DMatrixRMaj keys) {
        return CommonOps_DDRM.mult(left, CommonOps_DDRM.mult(right, KeyRows.select(keys, columns), null), null);
    }
}

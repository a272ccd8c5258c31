package modelpatch.solve;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
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
    private final Matrix left;
    private final Matrix right;
    private final Columns columns;

    private LowRank(Matrix left, Matrix right, Columns columns) {
        this.left = left;
        this.right = right;
        this.columns = columns;
    }

    /**
     * The product a [d_out, n] b [n, c], with the directions that are zero within rounding dropped.
     *
     * @param columns where the c columns of b stand among the d_in
     */
    public static LowRank product(Matrix a, Matrix b, Columns columns) {
        if (a.columns() != b.rows() || b.columns() != columns.count()) {
            throw new IllegalArgumentException("factors [" + a.rows() + ", " + a.columns() + "] and [" + b.rows() + ", "
                    + b.columns() + "] do not make a change of " + columns);
        }
        if (a.columns() == 0 || a.norm() == 0 || b.norm() == 0) {
            return new LowRank(Matrix.withoutColumns(a.rows()), Matrix.of(new DMatrixRMaj(0, b.columns())), columns);
        }
        if (a.columns() >= Math.min(a.rows(), b.columns())) {
            Matrix full = a.times(b);
            return b.columns() <= a.rows()
                    ? new LowRank(full, Matrix.identity(b.columns()), columns)
                    : new LowRank(Matrix.identity(a.rows()), full, columns);
        }
        QRDecomposition<DMatrixRMaj> outer = qr(a.values());
        QRDecomposition<DMatrixRMaj> inner = qr(b.transposed().values());
        DMatrixRMaj core = CommonOps_DDRM.multTransB(outer.getR(null, true), inner.getR(null, true), null);
        SingularValueDecomposition_F64<DMatrixRMaj> svd = svd(core, true);
        DMatrixRMaj u = svd.getU(null, false);
        DMatrixRMaj v = svd.getV(null, false);
        double[] values = svd.getSingularValues();
        SingularOps_DDRM.descendingOrder(u, false, values, svd.numberOfSingularValues(), v, false);
        int rank = 0;
        while (rank < values.length && values[rank] > values[0] * Math.ulp(1.0) * a.columns()) {
            rank++;
        }
        Matrix left = scaledColumns(CommonOps_DDRM.mult(outer.getQ(null, true), u, null), values, rank);
        Matrix right = scaledColumns(CommonOps_DDRM.mult(inner.getQ(null, true), v, null), values, rank);
        return new LowRank(left, right.transposed(), columns);
    }

    private static Matrix scaledColumns(DMatrixRMaj matrix, double[] values, int rank) {
        DMatrixRMaj scaled = CommonOps_DDRM.extract(matrix, 0, matrix.numRows, 0, rank);
        for (int j = 0; j < rank; j++) {
            for (int i = 0; i < scaled.numRows; i++) {
                scaled.set(i, j, scaled.get(i, j) * Math.sqrt(values[j]));
            }
        }
        return Matrix.of(scaled);
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
        return left.columns();
    }

    public Columns columns() {
        return columns;
    }

    /** [d_out, r]. */
    public Matrix left() {
        return left;
    }

    /** [r, c]. */
    public Matrix right() {
        return right;
    }

    /** dW [d_out, d_in], written out. */
    public Matrix dense() {
        DMatrixRMaj product = left.times(right).values();
        DMatrixRMaj dense = new DMatrixRMaj(left.rows(), columns.width());
        for (int i = 0; i < dense.numRows; i++) {
            for (int c = 0; c < columns.count(); c++) {
                dense.set(i, columns.index(c), product.get(i, c));
            }
        }
        return Matrix.of(dense);
    }

    /** dW keys, [d_out, n], for keys [d_in, n]. */
    public Matrix times(Matrix keys) {
        return left.times(right.times(keys.select(columns)));
    }
}

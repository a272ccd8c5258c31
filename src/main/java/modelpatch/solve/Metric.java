package modelpatch.solve;

import static org.ejml.dense.row.CommonOps_DDRM.scale;

import java.util.Optional;
import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * What it costs to move inputs that no row speaks of: M = lambda C + ridge I, with C = E[k k^T] [d_in, d_in] or, when absent, the identity.
 *
 * @param moment C
 * @param lambda weight of C, at least 0
 * @param ridge weight of the identity, at least 0
 */
public record Metric(Optional<Matrix> moment, double lambda, double ridge) {
    public Metric {
        if (!(lambda >= 0) || !(ridge >= 0) || Double.isInfinite(lambda + ridge)) {
            throw new BadInput(
                    "regulariser is not usable",
                    "lambda, ridge",
                    "two finite numbers, at least 0",
                    lambda + ", " + ridge,
                    "choose a positive lambda or ridge");
        }
    }

    /** C = I, lambda = 1: the smallest change in the Frobenius norm. */
    static Metric identity() {
        return identity(1);
    }

    /** M = ridge I. */
    static Metric identity(double ridge) {
        return new Metric(Optional.empty(), 0, ridge);
    }

    static Metric of(Matrix moment, double lambda, double ridge) {
        return new Metric(Optional.of(moment), lambda, ridge);
    }

    /** Whether M is a multiple of the identity. */
    boolean isScalar() {
        return moment.isEmpty();
    }

    double scalar() {
        return lambda + ridge;
    }

    boolean isZero() {
        return lambda + ridge == 0;
    }

    /** M restricted to the selected inputs, [c, c]; a new matrix. */
    DMatrixRMaj matrix(Columns columns) {
        int count = columns.count();
        DMatrixRMaj matrix = new DMatrixRMaj(count, count);
        if (isScalar()) {
            return diagonal(matrix, scalar());
        }
        DMatrixRMaj c = moment.orElseThrow().values();
        if (c.numRows != columns.width() || c.numCols != columns.width()) {
            throw new BadInput(
                    "second moment does not fit the keys",
                    "second moment",
                    "[" + columns.width() + ", " + columns.width() + "]",
                    "[" + c.numRows + ", " + c.numCols + "]",
                    "estimate it at the site that is edited");
        }
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                matrix.set(i, j, c.get(columns.index(i), columns.index(j)));
            }
        }
        scale(lambda, matrix);
        return diagonal(matrix, ridge);
    }

    private static DMatrixRMaj diagonal(DMatrixRMaj matrix, double value) {
        for (int i = 0; i < matrix.numRows; i++) {
            matrix.add(i, i, value);
        }
        return matrix;
    }

    /** M^-1 X for X [c, m]; a new matrix. */
    DMatrixRMaj solve(DMatrixRMaj x, Columns columns, String site) {
        if (isScalar()) {
            DMatrixRMaj result = x.copy();
            CommonOps_DDRM.divide(result, scalar());
            return result;
        }
        return SpdSystem.of(matrix(columns), site, "M = lambda C + ridge I", this)
                .solve(x);
    }

    @Override
    public String toString() {
        return "lambda " + lambda + (isScalar() ? " (C = I)" : " (C estimated)") + ", ridge " + ridge;
    }
}

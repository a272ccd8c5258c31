package modelpatch.solve;

import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * How strongly any input takes part in an edit: G [n, c] with dW = R G for the wanted movements R [d_out, n]. It depends on keys only, so
 * the movement of a probe with key q is known before anything is edited: dW q = R (G q).
 */
public final class Gain {
    private final DMatrixRMaj matrix;
    private final Columns columns;

    Gain(DMatrixRMaj matrix, Columns columns) {
        this.matrix = matrix;
        this.columns = columns;
    }

    /** G [n, c]; a copy. */
    public DMatrixRMaj matrix() {
        return matrix.copy();
    }

    /** The inputs that G reads, c of d_in. */
    public Columns columns() {
        return columns;
    }

    /** The share s(q) [n, probes] of each wanted movement that inputs with the given keys [d_in, probes] receive. */
    public DMatrixRMaj shares(DMatrixRMaj keys) {
        return CommonOps_DDRM.mult(matrix, KeyRows.select(keys, columns), null);
    }

    /**
     * dW = R G as factors.
     *
     * @param movements R [d_out, n]; not modified
     */
    public LowRank delta(DMatrixRMaj movements) {
        return LowRank.product(movements, matrix, columns);
    }

    /**
     * The determinant of E = I + (K_guide - K_edit) G, when the edit asks W k_edit to become W k_guide: then W + dW = W E, and E close to
     * singular means that the edited map forgets a direction of its input.
     *
     * @param guideKeys [d_in, n]
     * @param editKeys [d_in, n]
     */
    public double keyRewriteDeterminant(DMatrixRMaj guideKeys, DMatrixRMaj editKeys) {
        DMatrixRMaj shift = CommonOps_DDRM.subtract(guideKeys, editKeys, null);
        DMatrixRMaj small = shares(shift);
        for (int i = 0; i < small.numRows; i++) {
            small.add(i, i, 1);
        }
        return CommonOps_DDRM.det(small);
    }

    /** A warning when the key rewrite is close to singular, with its determinant. */
    public Optional<String> singularityWarning(DMatrixRMaj guideKeys, DMatrixRMaj editKeys) {
        double determinant = keyRewriteDeterminant(guideKeys, editKeys);
        return Math.abs(determinant) < 1e-3
                ? Optional.of("key rewrite is close to singular: det E = " + determinant)
                : Optional.empty();
    }
}

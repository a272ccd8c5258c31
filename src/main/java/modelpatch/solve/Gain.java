package modelpatch.solve;

import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * How strongly any input takes part in an edit: G [n, c] with dW = R G for the wanted movements R [d_out, n]. It depends on keys only, so
 * the movement of a probe with key q is known before anything is edited: dW q = R (G q).
 */
public final class Gain {
    private final Matrix matrix;
    private final Columns columns;

    Gain(Matrix matrix, Columns columns) {
        this.matrix = matrix;
        this.columns = columns;
    }

    /** G [n, c]. */
    Matrix matrix() {
        return matrix;
    }

    /** The inputs that G reads, c of d_in. */
    public Columns columns() {
        return columns;
    }

    /** The share s(q) [n, probes] of each wanted movement that inputs with the given keys [d_in, probes] receive. */
    public Matrix shares(Matrix keys) {
        return matrix.times(keys.select(columns));
    }

    /**
     * dW = R G as factors.
     *
     * @param movements R [d_out, n]
     */
    public LowRank delta(Matrix movements) {
        return LowRank.product(movements, matrix, columns);
    }

    /**
     * The determinant of E = I + (K_guide - K_edit) G, when the edit asks W k_edit to become W k_guide: then W + dW = W E, and E close to
     * singular means that the edited map forgets a direction of its input.
     *
     * @param guideKeys [d_in, n]
     * @param editKeys [d_in, n]
     */
    double keyRewriteDeterminant(Matrix guideKeys, Matrix editKeys) {
        DMatrixRMaj small = shares(guideKeys.minus(editKeys)).values().copy();
        for (int i = 0; i < small.numRows; i++) {
            small.add(i, i, 1);
        }
        return CommonOps_DDRM.det(small);
    }

    /** A warning when the key rewrite is close to singular, with its determinant. */
    public Optional<String> singularityWarning(Matrix guideKeys, Matrix editKeys) {
        double determinant = keyRewriteDeterminant(guideKeys, editKeys);
        return Math.abs(determinant) < 1e-3
                ? Optional.of("key rewrite is close to singular: det E = " + determinant)
                : Optional.empty();
    }
}

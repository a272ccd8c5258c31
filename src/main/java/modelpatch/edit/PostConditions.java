package modelpatch.edit;

import java.util.ArrayList;
import java.util.List;
import modelpatch.patch.Orientation;
import modelpatch.patch.TensorDelta;
import modelpatch.solve.KeyRows;
import modelpatch.solve.LowRank;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** Measures an edit on the float32 weights that it leads to: factors rounded, weight rounded, then multiplied with the keys in double. */
final class PostConditions {
    /** The relative error that counts as reached. */
    static final double REQUIRED = 1e-5;

    private final String tensor;
    private final DMatrixRMaj before;
    private final DMatrixRMaj after;

    PostConditions(String tensor, DMatrixRMaj weight, LowRank change) {
        this.tensor = tensor;
        float[] base = new float[weight.getNumElements()];
        for (int i = 0; i < base.length; i++) {
            base[i] = (float) weight.data[i];
        }
        TensorDelta delta = TensorDelta.of(tensor, change, Orientation.OUT_IN);
        this.before = matrix(base, weight);
        this.after = matrix(TensorDelta.apply(base, List.of(delta)), weight);
    }

    private static DMatrixRMaj matrix(float[] values, DMatrixRMaj shape) {
        DMatrixRMaj matrix = new DMatrixRMaj(shape.numRows, shape.numCols);
        for (int i = 0; i < values.length; i++) {
            matrix.data[i] = values[i];
        }
        return matrix;
    }

    /**
     * Every edit key against its target, every exactly protected key against where it was.
     *
     * @param keys [d_in, n]
     * @param targets [d_out, n]
     * @param held keys that had to stay exactly
     */
    List<PostCondition> check(DMatrixRMaj keys, DMatrixRMaj targets, List<DMatrixRMaj> held) {
        List<PostCondition> conditions = new ArrayList<>();
        conditions.add(PostCondition.atMost(
                tensor + ": |(W+dW)k* - v*| / |v*|, worst of " + keys.numCols,
                REQUIRED,
                worst(CommonOps_DDRM.mult(after, keys, null), targets)));
        for (DMatrixRMaj protectedKeys : held) {
            conditions.add(PostCondition.atMost(
                    tensor + ": |dW k| / |W k| of protected keys, worst of " + protectedKeys.numCols,
                    REQUIRED,
                    worst(
                            CommonOps_DDRM.mult(after, protectedKeys, null),
                            CommonOps_DDRM.mult(before, protectedKeys, null))));
        }
        return conditions;
    }

    private static double worst(DMatrixRMaj found, DMatrixRMaj wanted) {
        double worst = 0;
        DMatrixRMaj difference = CommonOps_DDRM.subtract(found, wanted, null);
        for (int i = 0; i < wanted.numCols; i++) {
            double error = KeyRows.norm(KeyRows.column(difference, i));
            double size = KeyRows.norm(KeyRows.column(wanted, i));
            worst = Math.max(worst, size > 0 ? error / size : error);
        }
        return worst;
    }
}

package modelpatch.edit;

import java.util.ArrayList;
import java.util.List;
import modelpatch.patch.Orientation;
import modelpatch.patch.TensorDelta;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;

/** Measures an edit on the float32 weights that it leads to: factors rounded, weight rounded, then multiplied with the keys in double. */
final class PostConditions {
    /** The relative error that counts as reached. */
    static final double REQUIRED = 1e-5;

    private final String tensor;
    private final Matrix before;
    private final Matrix after;

    PostConditions(String tensor, Matrix weight, LowRank change) {
        this.tensor = tensor;
        float[] base = weight.toFloats();
        TensorDelta delta = TensorDelta.of(tensor, change, Orientation.OUT_IN);
        this.before = Matrix.of(weight.rows(), weight.columns(), base);
        this.after = Matrix.of(weight.rows(), weight.columns(), TensorDelta.apply(base, List.of(delta)));
    }

    /**
     * Every edit key against its target, every exactly protected key against where it was.
     *
     * @param keys [d_in, n]
     * @param targets [d_out, n]
     * @param held keys that had to stay exactly
     */
    List<PostCondition> check(Matrix keys, Matrix targets, List<Matrix> held) {
        List<PostCondition> conditions = new ArrayList<>();
        conditions.add(PostCondition.atMost(
                tensor + ": |(W+dW)k* - v*| / |v*|, worst of " + keys.columns(),
                REQUIRED,
                worst(after.times(keys), targets)));
        for (Matrix protectedKeys : held) {
            conditions.add(PostCondition.atMost(
                    tensor + ": |dW k| / |W k| of protected keys, worst of " + protectedKeys.columns(),
                    REQUIRED,
                    worst(after.times(protectedKeys), before.times(protectedKeys))));
        }
        return conditions;
    }

    private static double worst(Matrix found, Matrix wanted) {
        double worst = 0;
        Matrix difference = found.minus(wanted);
        for (int i = 0; i < wanted.columns(); i++) {
            double error = difference.columnNorm(i);
            double size = wanted.columnNorm(i);
            worst = Math.max(worst, size > 0 ? error / size : error);
        }
        return worst;
    }
}

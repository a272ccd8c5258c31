package modelpatch.patch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import modelpatch.solve.Geometry;
import modelpatch.solve.Matrix;

/**
 * Two patches that change one tensor. What one moves, the other moves too as far as their keys point the same way: at 90 degrees they do not
 * meet, at 0 degrees some input is moved by both.
 *
 * @param tensor what both change
 * @param first the lower patch
 * @param second the upper patch
 * @param keyAngle smallest principal angle between the inputs they read, in degrees
 * @param valueAngle smallest principal angle between the directions they write, in degrees
 */
public record Conflict(String tensor, WeightPatch first, WeightPatch second, double keyAngle, double valueAngle) {
    /** All pairs of patches of a stack that share a tensor, by tensor. */
    public static List<Conflict> of(PatchStack stack) {
        List<Conflict> conflicts = new ArrayList<>();
        for (Map.Entry<String, List<WeightPatch>> shared : stack.shared().entrySet()) {
            List<WeightPatch> patches = shared.getValue();
            for (int i = 0; i < patches.size(); i++) {
                for (int j = i + 1; j < patches.size(); j++) {
                    conflicts.add(between(shared.getKey(), patches.get(i), patches.get(j)));
                }
            }
        }
        return conflicts;
    }

    private static Conflict between(String tensor, WeightPatch first, WeightPatch second) {
        TensorDelta a = delta(first, tensor);
        TensorDelta b = delta(second, tensor);
        return new Conflict(
                tensor, first, second, smallestAngle(keys(a), keys(b)), smallestAngle(values(a), values(b)));
    }

    private static TensorDelta delta(WeightPatch patch, String tensor) {
        return patch.deltas().stream()
                .filter(d -> d.tensor().equals(tensor))
                .findFirst()
                .orElseThrow();
    }

    private static double smallestAngle(Matrix a, Matrix b) {
        return Math.toDegrees(Geometry.principalAngles(a, b)[0]);
    }

    /** The inputs that a change reads, as columns [d_in, r]. */
    static Matrix keys(TensorDelta delta) {
        return delta.orientation() == Orientation.OUT_IN ? ofRight(delta) : ofLeft(delta);
    }

    /** The directions that a change writes, as columns [d_out, r]. */
    static Matrix values(TensorDelta delta) {
        return delta.orientation() == Orientation.OUT_IN ? ofLeft(delta) : ofRight(delta);
    }

    private static Matrix ofLeft(TensorDelta delta) {
        return Matrix.of(delta.rows(), delta.rank(), delta.left());
    }

    private static Matrix ofRight(TensorDelta delta) {
        Matrix right = Matrix.of(delta.rank(), delta.columns().count(), delta.right());
        return TensorDelta.spread(right.transposed(), delta.columns());
    }
}

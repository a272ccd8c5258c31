package modelpatch.edit;

import java.util.List;
import java.util.Optional;
import modelpatch.solve.Gain;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;

/**
 * The edit of one layer.
 *
 * @param layer which
 * @param matrix which matrix of it
 * @param tensor the edited tensor
 * @param change dW
 * @param asked how far the edit prompts' outputs were to move, mean length
 * @param reach how much of that they got, 1 for all: soft rows, protection and ridge take their part
 * @param solution what a closed form knows of its change besides; empty for other editors
 * @param conditions what was promised and what came out, on the float32 result
 * @param warnings what a careful reader should know
 */
public record LayerEdit(
        int layer,
        EditedMatrix matrix,
        String tensor,
        LowRank change,
        double asked,
        double reach,
        Optional<Solution> solution,
        List<PostCondition> conditions,
        List<String> warnings) {
    public LayerEdit {
        conditions = List.copyOf(conditions);
        warnings = List.copyOf(warnings);
    }

    /**
     * A change before it is multiplied out: dW = R G.
     *
     * @param gain G
     * @param movements R [d_out, n], what the edit keys were asked to move by
     */
    public record Solution(Gain gain, Matrix movements) {}

    /** How far the outputs of probes with keys [d_in, n] will move, [d_out, n]: R (G q), or dW q. */
    Matrix movement(Matrix keys) {
        return solution.map(solved -> solved.movements().times(solved.gain().shares(keys)))
                .orElseGet(() -> change.times(keys));
    }
}

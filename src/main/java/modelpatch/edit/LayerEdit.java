package modelpatch.edit;

import java.util.List;
import modelpatch.solve.Gain;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;

/**
 * The edit of one layer.
 *
 * @param layer which
 * @param tensor the edited tensor
 * @param change dW
 * @param gain what predicts the movement of any probe before the edit: dW q = movements (G q)
 * @param movements R [d_out, n], what the edit keys were asked to move by
 * @param reach how much of that the edit keys got, 1 for all: soft rows, protection and ridge take their part
 * @param conditions what was promised and what came out, on the float32 result
 * @param warnings what a careful reader should know
 */
public record LayerEdit(
        int layer,
        String tensor,
        LowRank change,
        Gain gain,
        Matrix movements,
        double reach,
        List<PostCondition> conditions,
        List<String> warnings) {
    public LayerEdit {
        conditions = List.copyOf(conditions);
        warnings = List.copyOf(warnings);
    }
}

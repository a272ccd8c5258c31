package modelpatch.edit;

import java.util.List;
import java.util.Set;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.KeyRows;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * What an edit was predicted to do to prompts that it may never have seen, and what it did. At the first edited layer the inputs q of the
 * edited matrix are those of the unedited model, so the movement of its output is known before anything is changed: dW q = R (G q). What it
 * did is W' q - W q, with q read from a run of the patched model and W' its float32 weights, multiplied in double: in float32 the rounding
 * of two sums of hundreds of products would hide what is looked for.
 *
 * @param layer the first edited one
 * @param probes how many prompts were compared, at their last positions
 * @param leak mean |dW q| over the probes, as a share of the mean asked of the edit keys
 * @param worst the largest |observed - predicted|, relative to the larger of the movement and 1 % of the output's norm
 */
public record MovementCheck(int layer, int probes, double leak, double worst) {
    private static final double FLOOR = 0.01;

    /**
     * Compares.
     *
     * @param before the model that was edited
     * @param after the same with the edit
     * @param prompts at least one
     */
    public static MovementCheck of(
            LanguageModel before, LanguageModel after, CaseEditor.Edit edit, Protocol protocol, List<String> prompts) {
        LayerEdit first = edit.layers().get(0);
        EditedMatrix matrix = edit.plan().matrix();
        Site site = new Site(matrix.reads(), first.layer());
        DMatrixRMaj keys = LastRows.of(before, protocol, prompts, Set.of(site)).at(site);
        DMatrixRMaj keysAfter =
                LastRows.of(after, protocol, prompts, Set.of(site)).at(site);
        DMatrixRMaj predicted = predicted(first, keys);
        DMatrixRMaj was = CommonOps_DDRM.mult(matrix.weight(before, first.layer()), keys, null);
        DMatrixRMaj is = CommonOps_DDRM.mult(matrix.weight(after, first.layer()), keysAfter, null);
        double asked = meanNorm(first.movements());
        return new MovementCheck(
                first.layer(), prompts.size(), asked > 0 ? meanNorm(predicted) / asked : 0, worst(predicted, was, is));
    }

    /** R (G q) for probes with keys [d_in, n], [d_out, n]. */
    static DMatrixRMaj predicted(LayerEdit edit, DMatrixRMaj keys) {
        return CommonOps_DDRM.mult(edit.movements(), edit.gain().shares(keys), null);
    }

    static double meanNorm(DMatrixRMaj columns) {
        double sum = 0;
        for (int i = 0; i < columns.numCols; i++) {
            sum += KeyRows.norm(KeyRows.column(columns, i));
        }
        return columns.numCols == 0 ? 0 : sum / columns.numCols;
    }

    private static double worst(DMatrixRMaj predicted, DMatrixRMaj was, DMatrixRMaj is) {
        double worst = 0;
        DMatrixRMaj observed = CommonOps_DDRM.subtract(is, was, null);
        DMatrixRMaj error = CommonOps_DDRM.subtract(observed, predicted, null);
        for (int i = 0; i < was.numCols; i++) {
            double size =
                    Math.max(KeyRows.norm(KeyRows.column(predicted, i)), FLOOR * KeyRows.norm(KeyRows.column(was, i)));
            worst = Math.max(worst, size > 0 ? KeyRows.norm(KeyRows.column(error, i)) / size : 0);
        }
        return worst;
    }
}

package modelpatch.edit;

import java.util.List;
import java.util.Set;
import modelpatch.evaluate.Protocol;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;

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
            LanguageModel before, LanguageModel after, Edit edit, Protocol protocol, List<String> prompts) {
        LayerEdit first = edit.layers().get(0);
        EditedMatrix matrix = first.matrix();
        Site site = new Site(matrix.reads(), first.layer());
        Matrix keys = LastRows.of(before, protocol, prompts, Set.of(site)).at(site);
        Matrix keysAfter = LastRows.of(after, protocol, prompts, Set.of(site)).at(site);
        Matrix predicted = first.movement(keys);
        Matrix was = matrix.weight(before, first.layer()).times(keys);
        Matrix is = matrix.weight(after, first.layer()).times(keysAfter);
        double asked = first.asked();
        return new MovementCheck(
                first.layer(),
                prompts.size(),
                asked > 0 ? predicted.meanColumnNorm() / asked : 0,
                worst(predicted, was, is));
    }

    private static double worst(Matrix predicted, Matrix was, Matrix is) {
        double worst = 0;
        Matrix error = is.minus(was).minus(predicted);
        for (int i = 0; i < was.columns(); i++) {
            double size = Math.max(predicted.columnNorm(i), FLOOR * was.columnNorm(i));
            worst = Math.max(worst, size > 0 ? error.columnNorm(i) / size : 0);
        }
        return worst;
    }
}

package modelpatch.edit;

import java.util.List;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;

/**
 * A model as a layer-by-layer edit sees it: one linear map per layer that adds its output to a residual stream, observed on fixed prompts.
 * Layers are visited in ascending order; an implementation may advance its runs as it is asked and need not go back.
 */
interface LayeredModel {
    /** The layers to edit, ascending. */
    List<Integer> layers();

    /** Which matrix of each layer. */
    EditedMatrix matrix();

    /** The name of the edited tensor of a layer. */
    String tensor(int layer);

    /** The unedited W [d_out, d_in] of a layer. */
    Matrix weight(int layer);

    /** For each edit row (and so for each guide row) the index of its case, ascending from 0. */
    int[] cases();

    /** How much each prompt of a role counts beside the others of its role, 1 as a rule. */
    double[] weights(Role role);

    /** What the map of a layer sees on the prompts of a role, before that layer itself is edited. */
    Observation observe(int layer, Role role, View view);

    /** The residual stream [d_out, n] after a whole layer of the unedited model. */
    Matrix residualAfter(int layer, Role role);

    /** How far edits below have moved the residual stream into which the map of a layer writes, turned round: unedited less edited, [d_out, n]. */
    Matrix displaced(int layer, Role role);

    /** From now on the layer runs with this change. */
    void edited(int layer, LowRank change);
}

package modelpatch.edit;

import java.util.List;
import java.util.Set;
import modelpatch.evaluate.EditSet;
import modelpatch.model.LanguageModel;

/**
 * A way of changing weights so that compositions come to say what their guides say; closed forms and gradient methods alike. The model is
 * never changed: what comes back are changes of low rank, each with what was promised of it and what came out.
 */
public interface Editor {
    /** What it is called in options, files and messages. */
    String name();

    /**
     * Makes the edit that a request asks for.
     *
     * @return one for each layer of the plan, ascending
     * @throws modelpatch.BadInput for a layer that is not there, or where there is no stable solution
     */
    List<LayerEdit> edit(EditRequest request);

    /** The numbers that its plans start from. */
    default Numbers numbers() {
        return new Numbers(0, 0, 1);
    }

    /** The sets beside the edited cases that it claims to repair, on which its patches are judged too. */
    default Set<EditSet> claims() {
        return Set.of();
    }

    /** Whether it weighs second moments, so that it is worth trying several weights of them. */
    default boolean usesMoments() {
        return false;
    }

    /** Whether it aims at a residual stream, as any matrix can that writes into it; else it aims at the output of W_O. */
    default boolean movesResidual() {
        return false;
    }

    /** The matrix that it edits where nobody says otherwise. */
    default EditedMatrix matrix() {
        return EditedMatrix.W_O;
    }

    /** Whether it writes the bridge where the first hops' phrase ends, and so needs sentences that speak of it. */
    default boolean writesBridge() {
        return false;
    }

    /** Whether it is told the answers, and where the subject's name stands; others have the guides alone. */
    default boolean isToldAnswers() {
        return false;
    }

    /** The layers that it edits in a model of so many where nobody says otherwise; empty where they are to be located. */
    default List<Integer> usualLayers(int layers) {
        return List.of();
    }

    /** Whether an edit of this layer can have an effect; one that writes for others to read needs a block behind it. */
    default boolean canUse(int layer, LanguageModel model) {
        return layer < model.config().nLayers();
    }

    /**
     * What a plan can say to an editor that has such numbers; one that has not leaves them alone.
     *
     * @param lambda weight of the second moment
     * @param ridge weight of the identity
     * @param scale share of the way to the target
     */
    record Numbers(double lambda, double ridge, double scale) {}
}

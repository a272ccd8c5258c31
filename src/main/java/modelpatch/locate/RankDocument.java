package modelpatch.locate;

import java.util.List;
import java.util.OptionalDouble;

/**
 * The effect of every attention head on one answer.
 *
 * @param cleanLogit of the answer after the clean prompt
 * @param corruptedLogit of the answer after the corrupted prompt
 * @param heads those that were tried, greatest effect first
 */
public record RankDocument(double cleanLogit, double corruptedLogit, List<Head> heads, double seconds) {
    /**
     * One head.
     *
     * @param index counts the query heads of its layer
     * @param patchedLogit where this head alone is the clean run's
     * @param effect {@code patchedLogit} minus {@code corruptedLogit}
     * @param attributed the effect to first order; empty where heads were not chosen by it
     */
    public record Head(
            String head, int layer, int index, double patchedLogit, double effect, OptionalDouble attributed) {}
}

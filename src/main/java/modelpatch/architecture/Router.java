package modelpatch.architecture;

import java.util.Optional;
import modelpatch.family.Switches.RouterScore;

/**
 * Chooses experts for every row, those of the greatest scores, and gives them weights.
 *
 * @param linear makes one logit for each expert
 * @param score what a logit becomes
 * @param chosen how many experts a row goes to
 * @param normalised whether a row's weights, which are its scores, are divided by their sum
 * @param scale factor of the weights
 * @param correction name of what is added to the scores for the choice alone, [experts] (Wang et al. 2024, auxiliary-loss-free balancing)
 * @param groups of experts that are chosen first; empty where all stand for choice
 * @param weighsInput whether the weight is put on what an expert reads, and not on what it gives
 */
public record Router(
        Linear linear,
        RouterScore score,
        int chosen,
        boolean normalised,
        double scale,
        Optional<String> correction,
        Optional<Groups> groups,
        boolean weighsInput) {

    /**
     * Experts in groups of equal size, of which the best {@code kept} stand for choice.
     *
     * @param best how many of a group's greatest scores are summed to its rank
     */
    public record Groups(int count, int kept, int best) {}
}

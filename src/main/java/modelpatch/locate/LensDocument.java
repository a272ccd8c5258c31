package modelpatch.locate;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * Answers read out of every layer of one run.
 *
 * @param ids the prompt
 * @param layers one entry per block, layer 0 after the first
 * @param position in the prompt that was read
 * @param top the likeliest token after each block
 * @param suppression of the first target for the second; null where that was not asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LensDocument(
        int[] ids,
        List<Layer> layers,
        @JsonIgnore int position,
        @JsonIgnore int[] top,
        Suppression suppression) {
    /** What the lens reads of every target after one block. */
    public record Layer(int layer, List<Target> targets) {}

    /**
     * One answer after one block.
     *
     * @param rank 1 for the likeliest token
     */
    public record Target(int id, double logit, double prob, int rank) {}
}

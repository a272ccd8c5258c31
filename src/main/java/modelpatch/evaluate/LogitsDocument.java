package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What a model expects after a prompt.
 *
 * @param ids the prompt
 * @param generated how it goes on; null where that was not asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LogitsDocument(int[] ids, List<Position> positions, Generated generated) {
    /**
     * One position of the prompt.
     *
     * @param logits of the whole vocabulary; null where only the likeliest tokens are wanted
     * @param top those; null where all logits are wanted
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Position(int position, float[] logits, List<Candidate> top) {}

    /**
     * A token that may come next.
     *
     * @param token null for a model without a tokenizer
     */
    public record Candidate(int id, String token, float logit, double logprob) {}

    /**
     * What the model goes on with, greedily.
     *
     * @param text null for a model without a tokenizer
     */
    public record Generated(int[] ids, String text) {}

    /** The same with a continuation. */
    public LogitsDocument goingOn(Generated continuation) {
        return new LogitsDocument(ids, positions, continuation);
    }
}

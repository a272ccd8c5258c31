package modelpatch.guard;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * How far a changed model has moved from its base on text that has nothing to do with the change.
 *
 * @param text which text: {@code canary} or {@code generic prompts}
 * @param tokens different contexts whose next-token distributions were compared
 * @param klMean mean KL(base || changed), in nats
 * @param topFlips share of positions whose likeliest token is another one
 * @param perplexityBefore of the base
 * @param perplexityAfter of the changed model
 */
@JsonPropertyOrder({"text", "tokens", "kl_mean", "top_flips", "perplexity_before", "perplexity_after"})
public record Drift(
        String text, int tokens, double klMean, double topFlips, double perplexityBefore, double perplexityAfter) {

    /** Perplexity after, as a multiple of that before. */
    public double perplexityRatio() {
        return perplexityAfter / perplexityBefore;
    }
}

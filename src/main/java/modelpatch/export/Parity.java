package modelpatch.export;

import java.util.List;

/**
 * How near an exported model comes to the engine, over all logits of some prompts.
 *
 * @param limit the largest difference of a logit that passes
 * @param ways each way of running the file
 * @param greedy the prompts whose greedy continuation has the same ids
 * @param prompts how many there were
 * @param newTokens how many tokens each continuation has
 */
public record Parity(double limit, List<Way> ways, int greedy, int prompts, int newTokens) {
    public Parity {
        ways = List.copyOf(ways);
    }

    /**
     * One way of running the file.
     *
     * @param name whole (one sequence at once), cached (in parts, the last ones single tokens), padded left, padded right (all prompts side by side)
     * @param largestDifference of a logit
     * @param sameTop positions whose likeliest token is the same
     * @param positions how many were compared
     */
    public record Way(String name, double largestDifference, int sameTop, int positions) {}

    /** Over all ways; NaN where a logit is no number. */
    public double largestDifference() {
        return ways.stream().mapToDouble(Way::largestDifference).reduce(0, Math::max);
    }

    /** Whether every logit is within the limit and every continuation the same. */
    public boolean holds() {
        return largestDifference() <= limit && greedy == prompts;
    }
}

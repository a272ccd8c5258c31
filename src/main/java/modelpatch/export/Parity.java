package modelpatch.export;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How near an exported model comes to the engine, over all logits of some prompts.
 *
 * @param measure what decides
 * @param limit the largest value of it that passes
 * @param ways each way of running the file
 * @param unsupported ways that the file of another exporter does not support, with the reason
 * @param greedy the prompts whose greedy continuation has the same ids
 * @param prompts how many there were
 * @param newTokens how many tokens each continuation has
 * @param suites what broke in each regression suite that was run on the file
 */
public record Parity(
        Measure measure,
        double limit,
        List<Way> ways,
        Map<String, String> unsupported,
        int greedy,
        int prompts,
        int newTokens,
        Map<String, List<String>> suites) {
    /** What decides whether an export holds. */
    public enum Measure {
        /** The largest difference of a logit, and the same greedy text: the same numbers but for rounding. */
        LOGIT_DIFFERENCE,
        /** The mean KL divergence of the file from the engine, in nats: other numbers on purpose, and the same behaviour. */
        KL_MEAN
    }

    public Parity {
        ways = List.copyOf(ways);
        unsupported = Collections.unmodifiableMap(new LinkedHashMap<>(unsupported));
        suites = Collections.unmodifiableMap(new LinkedHashMap<>(suites));
    }

    /**
     * One way of running the file.
     *
     * @param name whole (one sequence at once), cached (in parts, the last ones single tokens), padded left, padded right (all prompts side by
     *     side), or equal lengths (side by side as far as the shortest goes) where there is no padding
     * @param largestDifference of a logit
     * @param klMean in nats over positions; only where it decides
     * @param sameTop positions whose likeliest token is the same
     * @param positions how many were compared
     */
    public record Way(String name, double largestDifference, OptionalDouble klMean, int sameTop, int positions) {}

    /** Over all ways; NaN where a logit is no number. */
    double largestDifference() {
        return ways.stream().mapToDouble(Way::largestDifference).reduce(0, Math::max);
    }

    /** Over all ways; NaN where it was not measured. */
    public double klMean() {
        return ways.stream().mapToDouble(way -> way.klMean().orElse(Double.NaN)).reduce(0, Math::max);
    }

    /** Whether the file may be handed out. */
    public boolean holds() {
        return isNearEnough() && suites.values().stream().allMatch(List::isEmpty);
    }

    /** Whether the comparison with the engine alone holds. */
    public boolean isNearEnough() {
        return switch (measure) {
            case LOGIT_DIFFERENCE -> largestDifference() <= limit && greedy == prompts;
            case KL_MEAN -> klMean() <= limit;
        };
    }
}

package modelpatch.thinking;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Collection;
import java.util.OptionalDouble;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Tally;
import modelpatch.evaluate.Verdict;

/**
 * The same cases answered fast and slowly: before is fast, after is slow. An unparsed answer counts as wrong, so that
 * delta = delta_C - delta_O holds on all pairs; {@link SetOutcome#parsedOnly} is without them.
 *
 * @param outcome the pairs
 * @param fast right fast answers, A_fast
 * @param slow right slow answers, A_slow
 * @param gained delta_C = n01 / N
 * @param lost delta_O = n10 / N
 * @param unparsedFast fast answers with nothing to judge
 * @param unparsedSlow slow answers with nothing to judge
 * @param breakEven whether thinking pays
 */
@JsonPropertyOrder({"a_fast", "a_slow", "delta_C", "delta_O"})
public record FastAndSlow(
        @JsonUnwrapped SetOutcome outcome,
        Tally fast,
        Tally slow,
        Tally gained,
        Tally lost,
        long unparsedFast,
        long unparsedSlow,
        BreakEven breakEven) {

    static FastAndSlow of(Collection<SetOutcome.Pair> pairs, ClusterBootstrap bootstrap) {
        SetOutcome outcome = SetOutcome.of(pairs, bootstrap);
        return new FastAndSlow(
                outcome,
                outcome.pairs().rightBefore(),
                outcome.pairs().rightAfter(),
                outcome.pairs().gained(),
                outcome.pairs().lost(),
                pairs.stream().filter(pair -> pair.before() == Verdict.UNPARSED).count(),
                pairs.stream().filter(pair -> pair.after() == Verdict.UNPARSED).count(),
                BreakEven.of(outcome.pairs()));
    }

    /** A_fast; empty without pairs. */
    @JsonProperty("a_fast")
    public OptionalDouble fastRate() {
        return fast.rate();
    }

    /** A_slow; empty without pairs. */
    @JsonProperty("a_slow")
    public OptionalDouble slowRate() {
        return slow.rate();
    }

    /** delta_C; empty without pairs. */
    @JsonProperty("delta_C")
    public OptionalDouble gain() {
        return gained.rate();
    }

    /** delta_O; empty without pairs. */
    @JsonProperty("delta_O")
    public OptionalDouble loss() {
        return lost.rate();
    }
}

package modelpatch.evaluate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The cases of an evaluation in numbers.
 *
 * @param cases all of them
 * @param hopKnown {@code hop1}, {@code hop2}...: how many of the cases that have this hop know it, on its primary prompt
 * @param known cases whose hops are all known
 * @param composed known cases whose primary composition is right
 * @param failures known cases whose primary composition is wrong
 * @param composedUnknown cases right without all hops known: guesses and shortcuts, no evidence of composing
 * @param unparsed primary compositions with nothing to judge; they count as wrong
 * @param gapInterval of the compositionality gap, a cluster bootstrap by bridge
 * @param gapWilson of the gap as if cases were independent
 * @param allTemplates where right means right on every prompt; empty where only primary prompts were asked
 * @param anyTemplate where right means right on at least one prompt; empty where only primary prompts were asked
 */
public record EvaluationCounts(
        int cases,
        Map<String, Tally> hopKnown,
        int known,
        int composed,
        int failures,
        int composedUnknown,
        int unparsed,
        Optional<Interval> gapInterval,
        Optional<Interval> gapWilson,
        Optional<TemplateCounts> allTemplates,
        Optional<TemplateCounts> anyTemplate) {

    /**
     * Known and composed under another reading of "right".
     *
     * @param known cases whose hops are all right in this sense
     * @param composed those among them whose composition is right in this sense
     */
    public record TemplateCounts(int known, int composed) {
        /** The share of known cases that are not composed. */
        @JsonProperty(access = JsonProperty.Access.READ_ONLY)
        public OptionalDouble gap() {
            return new Tally(known - composed, known).rate();
        }
    }

    static EvaluationCounts of(Collection<CaseOutcome> outcomes, ClusterBootstrap bootstrap) {
        List<CaseOutcome> known = outcomes.stream().filter(CaseOutcome::known).toList();
        Map<String, Tally> failuresByBridge = new TreeMap<>();
        known.forEach(one -> failuresByBridge.merge(one.bridge(), Tally.of(one.failure()), Tally::plus));
        Tally failures = Tally.pool(failuresByBridge.values());
        boolean onlyPrimary =
                outcomes.stream().allMatch(one -> one.compositionTemplates().n() == 1);
        return new EvaluationCounts(
                outcomes.size(),
                hopKnown(outcomes),
                known.size(),
                (int) (failures.n() - failures.successes()),
                (int) failures.successes(),
                count(outcomes, one -> !one.known() && one.composition().right()),
                count(outcomes, one -> one.composition().verdict() == Verdict.UNPARSED),
                bootstrap.rate(failuresByBridge),
                failures.wilson(),
                onlyPrimary ? Optional.empty() : Optional.of(templates(outcomes, CaseOutcome::onAll)),
                onlyPrimary ? Optional.empty() : Optional.of(templates(outcomes, CaseOutcome::onAny)));
    }

    /** The compositionality gap: the share of failures among the cases whose hops are all known; empty where there is none. */
    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    public OptionalDouble gap() {
        return new Tally(failures, known).rate();
    }

    private static Map<String, Tally> hopKnown(Collection<CaseOutcome> outcomes) {
        Map<String, Tally> byHop = new TreeMap<>();
        for (CaseOutcome one : outcomes) {
            for (int hop = 0; hop < one.hops().size(); hop++) {
                byHop.merge("hop" + (hop + 1), Tally.of(one.hops().get(hop).right()), Tally::plus);
            }
        }
        return byHop;
    }

    private static TemplateCounts templates(Collection<CaseOutcome> outcomes, Predicate<List<Tally>> right) {
        List<CaseOutcome> known =
                outcomes.stream().filter(one -> right.test(one.hopTemplates())).toList();
        return new TemplateCounts(known.size(), count(known, one -> right.test(List.of(one.compositionTemplates()))));
    }

    private static int count(Collection<CaseOutcome> outcomes, Predicate<CaseOutcome> test) {
        return (int) outcomes.stream().filter(test).count();
    }
}

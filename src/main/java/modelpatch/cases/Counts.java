package modelpatch.cases;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * How a suite came about, in numbers: {@code chains} = {@code cases} + {@code capped} + the sum of {@code refused}.
 *
 * @param facts different facts that may serve as hops
 * @param repeatedFacts rows that said again what an earlier row had said
 * @param ambiguousPairs subjects and relations with two objects, none of which serves as a hop
 * @param chains chains of facts before anything was refused
 * @param promptsLeftOut prompts of a foreign file that no case can use: their subject cannot be read in them, or a sentence of ours says the
 *     same
 * @param refused chains refused, by reason; every reason is present
 * @param refusedByRelation the same, by the id of the relation of the fact that the reason is about, then by reason; only what occurs
 * @param cases cases of the suite
 * @param capped cases left out of this part of a suite: by a cap on answers, or by a choice of cases
 * @param choose cases on the side that choices are made on
 * @param report cases on the side that results come from
 * @param bridges different bridges
 * @param answers different answers
 * @param commonestAnswer the answer of most cases; empty for an empty suite
 * @param commonestAnswerCases how many cases have it
 */
public record Counts(
        int facts,
        int repeatedFacts,
        int ambiguousPairs,
        int chains,
        int promptsLeftOut,
        Map<Refusal, Integer> refused,
        Map<String, Map<Refusal, Integer>> refusedByRelation,
        int cases,
        int capped,
        int choose,
        int report,
        int bridges,
        int answers,
        String commonestAnswer,
        int commonestAnswerCases) {
    public Counts {
        Map<Refusal, Integer> all = new EnumMap<>(Refusal.class);
        for (Refusal refusal : Refusal.values()) {
            all.put(refusal, refused.getOrDefault(refusal, 0));
        }
        refused = Collections.unmodifiableMap(all);
        refusedByRelation = Collections.unmodifiableMap(new TreeMap<>(refusedByRelation));
    }

    /** The counts that are known before there is a suite. */
    static Counts before(
            FactTable facts, int chains, Map<String, Map<Refusal, Integer>> refusedByRelation, int promptsLeftOut) {
        Map<Refusal, Integer> refused = new EnumMap<>(Refusal.class);
        refusedByRelation.values().forEach(one -> one.forEach((reason, n) -> refused.merge(reason, n, Integer::sum)));
        return new Counts(
                facts.facts().size(),
                facts.repeated(),
                facts.ambiguities().size(),
                chains,
                promptsLeftOut,
                refused,
                refusedByRelation,
                0,
                0,
                0,
                0,
                0,
                0,
                "",
                0);
    }

    int allRefused() {
        return refused.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** The share of the cases that have the commonest answer; empty for an empty suite. */
    public OptionalDouble commonestShare() {
        return cases == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) commonestAnswerCases / cases);
    }
}

package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import modelpatch.BadInput;

/**
 * Two evaluations of the same cases, under one protocol, paired by case id: a model before and after, or two models.
 *
 * @param protocol its identity
 * @param cases how many cases both hold; nothing else is compared
 * @param onlyBefore ids that only the first one holds
 * @param onlyAfter ids that only the second one holds
 * @param sets {@code composition}, {@code composition_known} (hops known before), {@code hop1}, {@code hop2}...: primary prompts, clusters
 *     are bridges
 */
public record Comparison(
        String protocol, int cases, List<String> onlyBefore, List<String> onlyAfter, Map<String, SetOutcome> sets) {

    /**
     * Compares what the same protocol found.
     *
     * @throws BadInput where the protocols differ, or where no case is in both
     */
    public static Comparison of(Evaluation before, Evaluation after, ClusterBootstrap bootstrap) {
        if (!before.protocol().equals(after.protocol())) {
            throw new BadInput(
                    "numbers of two protocols",
                    "comparison",
                    before.protocol(),
                    after.protocol(),
                    "evaluate both under the same protocol");
        }
        Map<String, CaseOutcome> first = byId(before);
        Map<String, CaseOutcome> second = byId(after);
        List<CaseOutcome[]> both = new ArrayList<>();
        first.forEach((id, outcome) -> {
            if (second.containsKey(id)) {
                both.add(new CaseOutcome[] {outcome, second.get(id)});
            }
        });
        if (both.isEmpty()) {
            throw new BadInput(
                    "nothing to compare",
                    "comparison",
                    "at least one case in both evaluations",
                    first.size() + " and " + second.size() + " cases, none in both",
                    "evaluate the same suite twice");
        }
        Map<String, List<SetOutcome.Pair>> pairs = new LinkedHashMap<>();
        pairs.put("composition", new ArrayList<>());
        pairs.put("composition_known", new ArrayList<>());
        for (CaseOutcome[] one : both) {
            add(pairs, "composition", one, CaseOutcome::composition);
            if (one[0].known()) {
                add(pairs, "composition_known", one, CaseOutcome::composition);
            }
            for (int hop = 0; hop < one[0].hops().size(); hop++) {
                int at = hop;
                add(pairs, "hop" + (hop + 1), one, outcome -> outcome.hops().get(at));
            }
        }
        Map<String, SetOutcome> sets = new LinkedHashMap<>();
        pairs.forEach((name, items) -> sets.put(name, SetOutcome.of(items, bootstrap)));
        return new Comparison(before.protocol(), both.size(), missing(first, second), missing(second, first), sets);
    }

    private static void add(
            Map<String, List<SetOutcome.Pair>> pairs,
            String set,
            CaseOutcome[] one,
            Function<CaseOutcome, Reply> reply) {
        pairs.computeIfAbsent(set, name -> new ArrayList<>())
                .add(new SetOutcome.Pair(
                        one[0].id(),
                        one[0].bridge(),
                        reply.apply(one[0]).verdict(),
                        reply.apply(one[1]).verdict()));
    }

    private static Map<String, CaseOutcome> byId(Evaluation evaluation) {
        return evaluation.cases().stream()
                .collect(
                        Collectors.toMap(CaseOutcome::id, Function.identity(), (one, same) -> one, LinkedHashMap::new));
    }

    private static List<String> missing(Map<String, CaseOutcome> from, Map<String, CaseOutcome> in) {
        return from.keySet().stream().filter(id -> !in.containsKey(id)).toList();
    }
}

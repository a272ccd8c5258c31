package modelpatch.cases;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes cases of single facts that bring their own prompts; the work that readers of such files share. */
final class SingleFacts {
    private final Map<Fact, List<Query>> asked = new LinkedHashMap<>();
    private final Map<Fact, Set<String>> aliases = new LinkedHashMap<>();
    private int leftOut;

    /** Adds prompts that ask for the fact's object; a prompt that the fact has already is passed over. */
    void add(Fact fact, List<Query> prompts) {
        Fact bare = fact.withAliases(List.of());
        aliases.computeIfAbsent(bare, one -> new LinkedHashSet<>()).addAll(fact.aliases());
        List<Query> known = asked.computeIfAbsent(bare, one -> new ArrayList<>());
        for (Query prompt : prompts) {
            if (known.stream().noneMatch(query -> query.text().equalsIgnoreCase(prompt.text()))) {
                known.add(prompt);
            }
        }
    }

    /** Counts prompts that no case can use. */
    void leaveOut(int prompts) {
        leftOut += prompts;
    }

    /** One case per fact; ambiguous facts and answers that can be read in their prompts are refused. */
    CaseSuite suite(long seed) {
        FactTable table = FactTable.of(asked.keySet());
        Map<String, String> slugs = Words.slugs(table.entities());
        Map<String, Map<Refusal, Integer>> refused = new LinkedHashMap<>();
        List<CompositionalCase> cases = new ArrayList<>();
        Set<Fact> ambiguous = new HashSet<>(table.ambiguousFacts());
        asked.forEach((bare, prompts) -> {
            Map<Refusal, Integer> reasons =
                    refused.computeIfAbsent(bare.relation(), relation -> new EnumMap<>(Refusal.class));
            Fact fact = bare.withAliases(List.copyOf(aliases.get(bare)));
            List<String> answers = fact.answers();
            if (ambiguous.contains(bare)) {
                reasons.merge(Refusal.AMBIGUOUS_FACT, 1, Integer::sum);
            } else if (answers.stream().anyMatch(fact.subject()::equalsIgnoreCase)) {
                reasons.merge(Refusal.ANSWER_IS_SUBJECT, 1, Integer::sum);
            } else if (prompts.stream()
                    .anyMatch(query ->
                            Mentions.firstReadable(answers, query.text()).isPresent())) {
                reasons.merge(Refusal.ANSWER_IN_PROMPT, 1, Integer::sum);
            } else {
                String id = fact.relation() + ":" + slugs.get(fact.subject());
                SuiteSplit side = SuiteSplit.of(fact.subject(), seed);
                cases.add(new CompositionalCase(id, List.of(fact), side, prompts, prompts, List.of(prompts)));
            }
        });
        refused.values().removeIf(Map::isEmpty);
        return new CaseSuite(cases, Counts.before(table, asked.size(), refused, leftOut), table.ambiguities());
    }
}

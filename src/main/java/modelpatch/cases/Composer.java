package modelpatch.cases;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Composes the cases of a suite from facts and relations. One composer makes one suite. */
final class Composer {
    private final FactTable facts;
    private final Relations relations;
    private final EntityNames names;
    private final SuiteRecipe recipe;
    private final Set<String> entities;
    private final Set<Fact> ambiguous;
    private final Map<String, List<Fact>> bySubject = new HashMap<>();
    private final Map<String, String> slugs = new HashMap<>();
    private final Map<Fact, List<Query>> singleHops = new HashMap<>();

    private final List<CompositionalCase> cases = new ArrayList<>();
    private final Map<Refusal, Integer> refused = new EnumMap<>(Refusal.class);
    private int chains;

    Composer(FactTable facts, Relations relations, EntityNames names, SuiteRecipe recipe) {
        this.facts = facts;
        this.relations = relations;
        this.names = names;
        this.recipe = recipe;
        entities = facts.entities();
        ambiguous = new HashSet<>(facts.ambiguousFacts());
        for (List<Fact> part : List.of(facts.facts(), facts.ambiguousFacts())) {
            part.forEach(fact -> bySubject
                    .computeIfAbsent(fact.subject(), subject -> new ArrayList<>())
                    .add(fact));
        }
        nameSubjects();
    }

    CaseSuite suite() {
        bySubject.values().forEach(about -> about.forEach(fact -> extend(List.of(fact))));
        Counts counts = new Counts(
                facts.facts().size(),
                facts.repeated(),
                facts.ambiguities().size(),
                chains,
                refused,
                0,
                0,
                0,
                0,
                0,
                0,
                "",
                0);
        return new CaseSuite(cases, counts, facts.ambiguities());
    }

    private void extend(List<Fact> chain) {
        if (chain.size() >= recipe.fewestHops()) {
            take(chain);
        }
        if (chain.size() < recipe.mostHops()) {
            for (Fact next : bySubject.getOrDefault(chain.get(chain.size() - 1).object(), List.of())) {
                List<Fact> longer = new ArrayList<>(chain);
                longer.add(next);
                extend(longer);
            }
        }
    }

    private void take(List<Fact> chain) {
        chains++;
        Optional<Refusal> refusal = refusalOfFacts(chain);
        if (refusal.isEmpty()) {
            CompositionalCase made = compose(chain);
            refusal = refusalOfPrompts(made);
            if (refusal.isEmpty()) {
                cases.add(made);
                return;
            }
        }
        refused.merge(refusal.get(), 1, Integer::sum);
    }

    private Optional<Refusal> refusalOfFacts(List<Fact> chain) {
        if (chain.stream().anyMatch(ambiguous::contains)) {
            return Optional.of(Refusal.AMBIGUOUS_FACT);
        }
        if (chain.stream().anyMatch(fact -> relations.find(fact.relation()).isEmpty())) {
            return Optional.of(Refusal.NO_SENTENCES);
        }
        String subject = chain.get(0).subject();
        List<String> bridges = chain.stream().skip(1).map(Fact::subject).toList();
        List<String> answers = named(chain.get(chain.size() - 1)).answers();
        if (bridges.stream().anyMatch(bridge -> sameName(answers, bridge))) {
            return Optional.of(Refusal.ANSWER_IS_BRIDGE);
        }
        if (sameName(answers, subject)) {
            return Optional.of(Refusal.ANSWER_IS_SUBJECT);
        }
        Set<String> met = new HashSet<>(Set.of(subject));
        for (String bridge : bridges) {
            if (!met.add(bridge)) {
                return Optional.of(Refusal.BRIDGE_REPEATS);
            }
        }
        return Optional.empty();
    }

    private Optional<Refusal> refusalOfPrompts(CompositionalCase made) {
        if (anyReadable(made.answers(), made.compositions())) {
            return Optional.of(Refusal.ANSWER_IN_PROMPT);
        }
        for (int hop = 0; hop < made.hops().size() - 1; hop++) {
            List<String> bridge = made.hops().get(hop).answers();
            if (anyReadable(bridge, made.compositions())
                    || anyReadable(bridge, made.singleHops().get(hop))) {
                return Optional.of(Refusal.BRIDGE_IN_PROMPT);
            }
        }
        if (anyReadable(made.answers(), made.guides())) {
            return Optional.of(Refusal.ANSWER_IN_GUIDE);
        }
        if (made.bridges().stream().map(this::side).distinct().count() > 1) {
            return Optional.of(Refusal.BRIDGES_ON_BOTH_SIDES);
        }
        return Optional.empty();
    }

    private static boolean sameName(List<String> names, String name) {
        return names.stream().anyMatch(name::equalsIgnoreCase);
    }

    private static boolean anyReadable(List<String> answers, List<Query> prompts) {
        return prompts.stream()
                .anyMatch(query -> Mentions.firstReadable(answers, query.text()).isPresent());
    }

    private CompositionalCase compose(List<Fact> chain) {
        List<Fact> hops = chain.stream().map(this::named).toList();
        String phrase = names.inSentence(hops.get(0).subject());
        for (Fact hop : hops.subList(0, hops.size() - 1)) {
            phrase = relations.get(hop.relation()).describe(phrase);
        }
        Fact last = hops.get(hops.size() - 1);
        return new CompositionalCase(
                String.join("-", hops.stream().map(Fact::relation).toList()) + ":"
                        + slugs.get(hops.get(0).subject()),
                hops,
                side(last.subject()),
                asked(last.relation(), phrase),
                asked(last),
                hops.stream().map(this::asked).toList());
    }

    /** The prompts that ask for a fact's object by its subject's name. */
    private List<Query> asked(Fact fact) {
        return singleHops.computeIfAbsent(fact, one -> asked(one.relation(), names.inSentence(one.subject())));
    }

    private List<Query> asked(String relation, String phrase) {
        return relations.get(relation).templates().stream()
                .map(template -> template.fill(phrase))
                .toList();
    }

    /** The fact with every usable alias of its object. */
    private Fact named(Fact fact) {
        Set<String> aliases = new LinkedHashSet<>(fact.aliases());
        aliases.addAll(names.aliases(fact.object()));
        return fact.withAliases(names.usable(aliases, entities));
    }

    private SuiteSplit side(String bridge) {
        return SeededOrder.number(recipe.seed(), "side", bridge) < 0 ? SuiteSplit.CHOOSE : SuiteSplit.REPORT;
    }

    /** Gives every subject a slug of its own: those that would share one get some digits of their exact name. */
    private void nameSubjects() {
        Map<String, Set<String>> bySlug = new HashMap<>();
        bySubject
                .keySet()
                .forEach(subject -> bySlug.computeIfAbsent(Words.slug(subject), slug -> new HashSet<>())
                        .add(subject));
        bySlug.forEach((slug, same) -> same.forEach(subject -> slugs.put(
                subject,
                same.size() == 1 && !slug.isEmpty()
                        ? slug
                        : slug + "~" + Long.toHexString(SeededOrder.number(0, "slug", subject)))));
    }
}

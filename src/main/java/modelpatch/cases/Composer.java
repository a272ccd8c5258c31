package modelpatch.cases;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Composes the cases of a suite from facts and relations. One composer makes one suite. */
final class Composer {
    private final FactTable facts;
    private final Relations relations;
    private final EntityNames names;
    private final SuiteRecipe recipe;
    private final Set<String> entities;
    private final Set<List<String>> ambiguous = new HashSet<>();
    private final Map<String, String> slugs;
    private final Map<Fact, List<Query>> singleHops = new HashMap<>();

    private final Map<String, CompositionalCase> cases = new LinkedHashMap<>();
    private final Map<String, Map<Refusal, Integer>> refused = new TreeMap<>();
    private int chains;
    private int promptsLeftOut;

    Composer(FactTable facts, Relations relations, EntityNames names, SuiteRecipe recipe) {
        this.facts = facts;
        this.relations = relations;
        this.names = names;
        this.recipe = recipe;
        entities = facts.entities();
        facts.ambiguities().forEach(pair -> ambiguous.add(List.of(pair.subject(), pair.relation())));
        slugs = Words.slugs(entities);
    }

    /** Takes every chain that the facts allow. */
    Composer takeAll() {
        Map<String, List<Fact>> bySubject = new HashMap<>();
        for (List<Fact> part : List.of(facts.facts(), facts.ambiguousFacts())) {
            part.forEach(fact -> bySubject
                    .computeIfAbsent(fact.subject(), subject -> new ArrayList<>())
                    .add(fact));
        }
        bySubject.values().forEach(about -> about.forEach(fact -> extend(List.of(fact), bySubject)));
        return this;
    }

    private void extend(List<Fact> chain, Map<String, List<Fact>> bySubject) {
        if (chain.size() >= recipe.fewestHops()) {
            take(chain, Optional.empty());
        }
        if (chain.size() < recipe.mostHops()) {
            String end = chain.get(chain.size() - 1).object();
            for (Fact next : bySubject.getOrDefault(end, List.of())) {
                List<Fact> longer = new ArrayList<>(chain);
                longer.add(next);
                extend(longer, bySubject);
            }
        }
    }

    /** Takes one chain, with prompts of its own beside those of the relations. A chain that is a case already is passed over. */
    void take(List<Fact> chain, Optional<Asked> own) {
        Optional<Refusal> refusal = refusalOfFacts(chain);
        if (refusal.isEmpty()) {
            CompositionalCase made = compose(chain, own);
            if (cases.containsKey(made.id())) {
                return;
            }
            refusal = refusalOfPrompts(made);
            if (refusal.isEmpty()) {
                cases.put(made.id(), made);
            }
        }
        chains++;
        refusal.ifPresent(reason -> refuse(reason, chain));
    }

    /** Keeps a case that was made elsewhere, unless one of its facts is ambiguous. */
    void keep(CompositionalCase made) {
        chains++;
        if (ambiguous(made.hops())) {
            refuse(Refusal.AMBIGUOUS_FACT, made.hops());
        } else {
            cases.put(made.id(), made);
        }
    }

    /** Counts a refusal under the relation whose facts or sentences somebody would have to look at. */
    private void refuse(Refusal reason, List<Fact> chain) {
        Fact last = chain.get(chain.size() - 1);
        Fact about = switch (reason) {
            case AMBIGUOUS_FACT ->
                chain.stream().filter(this::ambiguous).findFirst().orElse(last);
            case NO_SENTENCES ->
                chain.stream()
                        .filter(fact -> relations.find(fact.relation()).isEmpty())
                        .findFirst()
                        .orElse(last);
            case BRIDGE_REPEATS, BRIDGE_IN_PROMPT, BRIDGES_ON_BOTH_SIDES -> chain.get(0);
            case ANSWER_IS_BRIDGE, ANSWER_IS_SUBJECT, ANSWER_IN_PROMPT, ANSWER_IN_GUIDE -> last;
        };
        refused.computeIfAbsent(about.relation(), relation -> new EnumMap<>(Refusal.class))
                .merge(reason, 1, Integer::sum);
    }

    /** Counts prompts of a foreign file that no case can use. */
    void leaveOut(int prompts) {
        promptsLeftOut += prompts;
    }

    CaseSuite suite() {
        return suite(cases.values());
    }

    CaseSuite balanced() {
        return suite(Balance.of(cases.values(), recipe.seed()));
    }

    private CaseSuite suite(Collection<CompositionalCase> all) {
        return new CaseSuite(all, Counts.before(facts, chains, refused, promptsLeftOut), facts.ambiguities());
    }

    private Optional<Refusal> refusalOfFacts(List<Fact> chain) {
        if (ambiguous(chain)) {
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

    private boolean ambiguous(List<Fact> chain) {
        return chain.stream().anyMatch(this::ambiguous);
    }

    private boolean ambiguous(Fact fact) {
        return ambiguous.contains(List.of(fact.subject(), fact.relation()));
    }

    private static boolean sameName(List<String> names, String name) {
        return names.stream().anyMatch(name::equalsIgnoreCase);
    }

    private static boolean anyReadable(List<String> answers, List<Query> prompts) {
        return prompts.stream()
                .anyMatch(query -> Mentions.firstReadable(answers, query.text()).isPresent());
    }

    private CompositionalCase compose(List<Fact> chain, Optional<Asked> own) {
        List<Fact> hops = chain.stream().map(this::named).toList();
        String phrase = names.inSentence(hops.get(0).subject());
        for (Fact hop : hops.subList(0, hops.size() - 1)) {
            phrase = relations.get(hop.relation()).describe(phrase);
        }
        Fact last = hops.get(hops.size() - 1);
        List<Query> compositions = new ArrayList<>(asked(last.relation(), phrase));
        List<Query> guides = new ArrayList<>(asked(last));
        List<List<Query>> single =
                new ArrayList<>(hops.stream().map(this::asked).toList());
        own.ifPresent(extra -> add(extra, compositions, guides, single));
        return new CompositionalCase(
                String.join("-", hops.stream().map(Fact::relation).toList()) + ":"
                        + slugs.get(hops.get(0).subject()),
                hops,
                side(last.subject()),
                compositions,
                guides,
                single);
    }

    /** Adds a file's own prompts, but for those that the relations' sentences happen to say in the same words. */
    private void add(Asked own, List<Query> compositions, List<Query> guides, List<List<Query>> single) {
        Set<String> said = new HashSet<>();
        compositions.forEach(query -> said.add(folded(query)));
        single.forEach(queries -> queries.forEach(query -> said.add(folded(query))));
        for (int i = 0; i < own.compositions().size(); i++) {
            boolean guideIsOurs = said.contains(folded(own.guides().get(i)));
            if (!guideIsOurs && said.add(folded(own.compositions().get(i)))) {
                compositions.add(own.compositions().get(i));
                guides.add(own.guides().get(i));
            } else {
                promptsLeftOut++;
            }
        }
        for (int hop = 0; hop < single.size(); hop++) {
            List<Query> more = new ArrayList<>(single.get(hop));
            for (Query query : own.singleHops().get(hop)) {
                if (said.add(folded(query))) {
                    more.add(query);
                } else {
                    promptsLeftOut++;
                }
            }
            single.set(hop, more);
        }
    }

    private static String folded(Query query) {
        return query.text().toLowerCase(Locale.ROOT);
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

    /** The fact with every alias of its object that names no other entity. */
    private Fact named(Fact fact) {
        Set<String> aliases = new LinkedHashSet<>(fact.aliases());
        aliases.addAll(names.aliases(fact.object()));
        aliases.removeAll(entities);
        return fact.withAliases(List.copyOf(aliases));
    }

    private SuiteSplit side(String bridge) {
        return SuiteSplit.of(bridge, recipe.seed());
    }
}

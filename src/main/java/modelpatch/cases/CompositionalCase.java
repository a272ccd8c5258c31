package modelpatch.cases;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A question whose answer takes several facts in a row: the object of each hop is the subject of the next. A case of a single hop is
 * allowed (readers of single facts make them); its composition is then its single hop, and its bridge the subject itself.
 *
 * @param id readable and stable, such as {@code P27-P36:stephen-king}
 * @param hops the facts in order, first hop first; accepted aliases are those of each hop's object
 * @param split the side of the suite that the case is on
 * @param compositions prompts that ask for the answer by describing the bridge, primary first
 * @param guides the same prompts with the bridge by name, parallel to {@code compositions}
 * @param singleHops for each hop the prompts that ask for its object, [hop][prompt], primary first
 */
public record CompositionalCase(
        String id,
        List<Fact> hops,
        SuiteSplit split,
        List<Query> compositions,
        List<Query> guides,
        List<List<Query>> singleHops) {
    /** @throws IllegalArgumentException when the lists do not fit each other */
    public CompositionalCase {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(split, "split");
        hops = List.copyOf(hops);
        compositions = List.copyOf(compositions);
        guides = List.copyOf(guides);
        singleHops = singleHops.stream().map(List::copyOf).toList();
        if (hops.isEmpty() || compositions.isEmpty() || singleHops.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException(id + " has a hop or a composition without a prompt");
        }
        if (guides.size() != compositions.size() || singleHops.size() != hops.size()) {
            throw new IllegalArgumentException(id + ": " + compositions.size() + " compositions, " + guides.size()
                    + " guides; " + hops.size() + " hops, " + singleHops.size() + " lists of single-hop prompts");
        }
        for (int hop = 1; hop < hops.size(); hop++) {
            if (!hops.get(hop).subject().equals(hops.get(hop - 1).object())) {
                throw new IllegalArgumentException(id + ": hop " + (hop + 1) + " starts at "
                        + hops.get(hop).subject() + ", not at "
                        + hops.get(hop - 1).object());
            }
        }
    }

    /**
     * The same question with other answers: what somebody says that its hops give. The composition stays as it is; whatever names a bridge names
     * the other one, and the side is that of the other bridge.
     *
     * @param said the object of each hop
     * @param seed of the sides
     * @return empty where two hops come to the same entity, or a prompt that must not name an answer would
     */
    Optional<CompositionalCase> answeredBy(List<String> said, long seed) {
        if (said.size() != hops.size()) {
            throw new IllegalArgumentException(said.size() + " answers for " + hops.size() + " hops");
        }
        List<Fact> facts = new ArrayList<>();
        List<List<Query>> single = new ArrayList<>();
        Set<String> met = new HashSet<>(Set.of(subject()));
        for (int hop = 0; hop < said.size(); hop++) {
            Fact own = hops.get(hop);
            String from = hop == 0 ? subject() : said.get(hop - 1);
            facts.add(new Fact(from, own.relation(), own.relationLabel(), said.get(hop)));
            single.add(hop == 0 ? singleHops.get(0) : filled(singleHops.get(hop), from));
            if (!met.add(said.get(hop)) || readable(said.get(hop), single.get(hop))) {
                return Optional.empty();
            }
        }
        String bridge = facts.get(facts.size() - 1).subject();
        List<Query> others = isSingle() ? guides : filled(guides, bridge);
        boolean named = facts.stream()
                .anyMatch(fact -> readable(fact.object(), compositions)
                        || (readable(fact.object(), others) && !fact.object().equals(bridge)));
        return named
                ? Optional.empty()
                : Optional.of(
                        new CompositionalCase(id, facts, SuiteSplit.of(bridge, seed), compositions, others, single));
    }

    private static List<Query> filled(List<Query> queries, String entity) {
        return queries.stream().map(query -> query.template().fill(entity)).toList();
    }

    private static boolean readable(String name, List<Query> prompts) {
        return prompts.stream().anyMatch(query -> Mentions.readable(name, query.text()));
    }

    /** The same question on a side. */
    CompositionalCase on(SuiteSplit side) {
        return new CompositionalCase(id, hops, side, compositions, guides, singleHops);
    }

    /** Whether it is a single fact: it has no hops that must stay, and no guide but itself. */
    public boolean isSingle() {
        return hops.size() == 1;
    }

    /** The entity that the question names. */
    public String subject() {
        return hops.get(0).subject();
    }

    /** The entity of which the last hop is asked: the implicit result that a composition never names. */
    public String bridge() {
        return lastHop().subject();
    }

    /** Every intermediate result, in order; empty for a single hop. */
    public List<String> bridges() {
        return hops.stream().skip(1).map(Fact::subject).toList();
    }

    public String answer() {
        return lastHop().object();
    }

    /** Every accepted name of the answer, its own name first. */
    public List<String> answers() {
        return lastHop().answers();
    }

    /** The ids of the relations, first hop first. */
    public List<String> relations() {
        return hops.stream().map(Fact::relation).toList();
    }

    public Fact lastHop() {
        return hops.get(hops.size() - 1);
    }

    /** The composition that decides. */
    public Query primary() {
        return compositions.get(0);
    }

    /** The guide prompt of {@link #primary()}. */
    public Query primaryGuide() {
        return guides.get(0);
    }

    /** The compositions of one split of the templates. */
    public List<Query> compositions(TemplateSplit templates) {
        return of(templates, compositions);
    }

    /** The guide prompts of one split of the templates. */
    public List<Query> guides(TemplateSplit templates) {
        return of(templates, guides);
    }

    /** The single-hop prompts of one split of the templates, all hops in order. */
    public List<Query> singleHops(TemplateSplit templates) {
        return singleHops.stream()
                .flatMap(prompts -> of(templates, prompts).stream())
                .toList();
    }

    /** What an edit may promise to leave alone: guides and single hops on edit templates. None of them is ever scored as a result. */
    public List<Query> protectedPrompts() {
        return Stream.concat(guides(TemplateSplit.EDIT).stream(), singleHops(TemplateSplit.EDIT).stream())
                .distinct()
                .toList();
    }

    private static List<Query> of(TemplateSplit templates, List<Query> queries) {
        return queries.stream().filter(query -> query.split() == templates).toList();
    }
}

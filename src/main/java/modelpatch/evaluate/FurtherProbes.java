package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.Template;

/**
 * Items beyond those of {@link EditProbes}, for a verdict that these cannot give. The edited cases and their hops are asked after other
 * sentences; neighbours are asked in their other words, then come the neighbours that were not drawn, then single facts.
 *
 * @param kind the items that there are already, and the templates
 * @param contexts texts with a slot <code>{}</code> that a prompt may stand in
 */
public record FurtherProbes(EditProbes kind, List<String> contexts) {
    public FurtherProbes {
        contexts = contexts.stream().filter(text -> !text.equals(Template.SLOT)).toList();
    }

    /**
     * Further items of a set in the order in which they are worth asking.
     *
     * @param asked prompts that were asked already
     * @param lastHopKnown as for {@link EditProbes#of}
     */
    public List<Probe> of(
            EditSet set,
            CaseSuite suite,
            List<CompositionalCase> edited,
            Set<String> asked,
            Set<CompositionalCase> lastHopKnown) {
        List<Probe> candidates = new ArrayList<>();
        switch (set) {
            case CORRECTION -> {
                // the edited prompts are all there are
            }
            case PARAPHRASE -> candidates.addAll(inContexts(paraphrases(edited)));
            case HOPS -> candidates.addAll(inContexts(hops(suite, edited)));
            case GENERALISATION, SIBLINGS, SPECIFICITY_RELATION, SPECIFICITY_RANDOM -> {
                candidates.addAll(neighbours(set, suite, edited, lastHopKnown));
                if (!set.mustChange()) {
                    candidates.addAll(facts(set, suite, edited));
                }
            }
        }
        Set<String> seen = new HashSet<>(asked);
        return candidates.stream()
                .filter(probe -> seen.add(probe.question().prompt()))
                .toList();
    }

    private List<Probe> paraphrases(List<CompositionalCase> edited) {
        List<Probe> probes = new ArrayList<>();
        for (CompositionalCase one : edited) {
            kind.ofForm(one.compositions(kind.templates()))
                    .forEach(query -> probes.add(EditProbes.probe(EditSet.PARAPHRASE, one, one, query)));
        }
        return probes;
    }

    private List<Probe> hops(CaseSuite suite, List<CompositionalCase> edited) {
        List<Probe> probes = new ArrayList<>();
        Set<CompositionalCase> own = Set.copyOf(edited);
        for (CompositionalCase one : edited) {
            if (one.isSingle()) {
                suite.generalisation(one).stream()
                        .filter(other -> !own.contains(other))
                        .forEach(other -> kind.ofForm(other.compositions(kind.templates()))
                                .forEach(query -> probes.add(EditProbes.probe(EditSet.HOPS, one, other, query))));
                continue;
            }
            for (int hop = 0; hop < one.hops().size(); hop++) {
                for (Query query : kind.ofForm(one.singleHops().get(hop))) {
                    if (query.split() == kind.templates()) {
                        probes.add(EditProbes.hop(one, hop, query));
                    }
                }
            }
        }
        return probes;
    }

    /** Every item after every context, then after every two. A context that holds the answer would give it away. */
    private List<Probe> inContexts(List<Probe> probes) {
        List<String> before = new ArrayList<>(contexts);
        for (String first : contexts) {
            for (String second : contexts) {
                if (!first.equals(second)) {
                    before.add(first.replace(Template.SLOT, second));
                }
            }
        }
        List<Probe> all = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            for (Probe probe : probes) {
                if (probe.question().answers().stream().noneMatch(before.get(i)::contains)) {
                    all.add(after(before.get(i), i + 1, probe));
                }
            }
        }
        return all;
    }

    private static Probe after(String context, int number, Probe probe) {
        return new Probe(
                probe.set(),
                probe.id() + " context" + number,
                probe.edited(),
                probe.cluster(),
                probe.question().within(context),
                probe.guide().map(guide -> guide.within(context)));
    }

    /** Candidates of the set in every wording, by turns among the edited cases. */
    private List<Probe> neighbours(
            EditSet set, CaseSuite suite, List<CompositionalCase> edited, Set<CompositionalCase> lastHopKnown) {
        Set<String> own = new HashSet<>();
        edited.forEach(one -> own.add(one.id()));
        Map<CompositionalCase, CompositionalCase> forWhom = new LinkedHashMap<>();
        List<List<CompositionalCase>> candidates = new ArrayList<>();
        for (CompositionalCase one : edited) {
            candidates.add(SeededOrder.shuffled(candidates(set, suite, one, lastHopKnown), new Random(kind.seed())));
        }
        boolean more = true;
        for (int turn = 0; more; turn++) {
            more = false;
            for (int i = 0; i < edited.size(); i++) {
                if (turn < candidates.get(i).size()) {
                    more = true;
                    CompositionalCase other = candidates.get(i).get(turn);
                    if (!own.contains(other.id())) {
                        forWhom.putIfAbsent(other, edited.get(i));
                    }
                }
            }
        }
        List<Probe> probes = new ArrayList<>();
        forWhom.forEach((other, one) -> kind.ofForm(other.compositions(kind.templates()))
                .forEach(query -> probes.add(EditProbes.probe(set, one, other, query))));
        return probes;
    }

    private List<CompositionalCase> candidates(
            EditSet set, CaseSuite suite, CompositionalCase one, Set<CompositionalCase> lastHopKnown) {
        return switch (set) {
            case GENERALISATION ->
                suite.generalisation(one).stream()
                        .filter(lastHopKnown::contains)
                        .toList();
            case SIBLINGS -> suite.siblings(one);
            case SPECIFICITY_RELATION -> suite.sameRelations(one);
            case SPECIFICITY_RANDOM -> suite.random(one, kind.seed());
            case CORRECTION, PARAPHRASE, HOPS -> List.of();
        };
    }

    /**
     * Single facts that no edited case is made of: of a relation of one of the cases, about others; or with neither relation nor entity in common
     * with one of them. As for compositions, what counts is the case that a fact is asked for: many cases together touch everything.
     */
    public List<Probe> facts(EditSet set, CaseSuite suite, List<CompositionalCase> edited) {
        Set<Fact> own = new HashSet<>();
        edited.forEach(one -> own.addAll(one.hops()));
        Map<Fact, List<Query>> facts = new LinkedHashMap<>();
        Map<Fact, CompositionalCase> forWhom = new HashMap<>();
        for (CompositionalCase one : suite.cases()) {
            for (int hop = 0; hop < one.hops().size(); hop++) {
                Fact fact = one.hops().get(hop);
                if (!own.contains(fact) && !facts.containsKey(fact)) {
                    List<Query> queries = one.singleHops().get(hop);
                    edited.stream()
                            .filter(other -> isAbout(set, other, fact))
                            .findFirst()
                            .ifPresent(other -> {
                                facts.put(fact, queries);
                                forWhom.put(fact, other);
                            });
                }
            }
        }
        List<Probe> probes = new ArrayList<>();
        List<Fact> order = SeededOrder.shuffled(List.copyOf(facts.keySet()), new Random(kind.seed()));
        for (Fact fact : order) {
            for (Query query : kind.ofForm(facts.get(fact))) {
                if (query.split() == kind.templates()) {
                    probes.add(single(set, forWhom.get(fact), fact, query));
                }
            }
        }
        return probes;
    }

    private static boolean isAbout(EditSet set, CompositionalCase edited, Fact fact) {
        boolean related = edited.relations().contains(fact.relation());
        boolean meets = edited.hops().stream()
                .anyMatch(hop -> Stream.of(hop.subject(), hop.object())
                        .anyMatch(entity -> entity.equals(fact.subject()) || entity.equals(fact.object())));
        return !meets && related == (set == EditSet.SPECIFICITY_RELATION);
    }

    private static Probe single(EditSet set, CompositionalCase edited, Fact fact, Query query) {
        return new Probe(
                set,
                edited.id() + " > " + fact.subject() + " " + fact.relation() + " "
                        + query.template().id(),
                edited.id(),
                edited.bridge(),
                Question.of(query, fact.answers()),
                Optional.empty());
    }
}

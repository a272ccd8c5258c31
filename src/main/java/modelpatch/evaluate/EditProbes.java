package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.TemplateSplit;

/**
 * Draws up the items by which an edit is judged.
 *
 * <p>All items but the correction set come from one split of the templates: from test templates for results, from validation templates
 * for choices. None comes from edit templates, which supply keys, values and protected prompts. Of a composition in other words, and of
 * other compositions, {@link Knowledge#decidable} keeps those that could be right.
 *
 * @param form form of the prompts, the protocol's own
 * @param templates {@link TemplateSplit#TEST} or {@link TemplateSplit#VALIDATION}
 * @param perSet how many other cases at most are asked for each edited case in each set; each is asked on one template
 * @param seed draws the unrelated cases, and which of too many related ones are asked
 */
public record EditProbes(Form form, TemplateSplit templates, int perSet, long seed) {
    public EditProbes {
        if (templates == TemplateSplit.EDIT) {
            throw new IllegalArgumentException("edit templates supply the edit; they cannot judge it");
        }
    }

    /** The same with another number of other cases. */
    public EditProbes withPerSet(int other) {
        return new EditProbes(form, templates, other, seed);
    }

    /**
     * The items for one patch.
     *
     * @param suite gives the cases beside the edited ones
     * @param edited the cases that the patch is for; none of them is an item of another one's sets
     * @param lastHopKnown whether the unedited model knows the last hop of a case; decides what can be asked of generalisation
     * @return ordered by set; an item that several edited cases call for is asked once in each set, for the first of them
     */
    public List<Probe> of(CaseSuite suite, List<CompositionalCase> edited, Predicate<CompositionalCase> lastHopKnown) {
        Set<String> own = edited.stream().map(CompositionalCase::id).collect(Collectors.toSet());
        List<Probe> probes = new ArrayList<>();
        for (EditSet set : EditSet.values()) {
            Set<String> asked = new HashSet<>();
            for (CompositionalCase one : edited) {
                items(set, suite, one, own, lastHopKnown).stream()
                        .filter(probe -> asked.add(probe.question().prompt()))
                        .forEach(probes::add);
            }
        }
        return List.copyOf(probes);
    }

    private List<Probe> items(
            EditSet set,
            CaseSuite suite,
            CompositionalCase one,
            Set<String> own,
            Predicate<CompositionalCase> lastHopKnown) {
        return switch (set) {
            case CORRECTION ->
                List.of(probe(set, one, one, ofForm(one.compositions()).get(0)));
            case PARAPHRASE ->
                ofForm(one.compositions(templates)).stream()
                        .map(query -> probe(set, one, one, query))
                        .toList();
            case GENERALISATION ->
                one.isSingle()
                        ? List.of()
                        : others(
                                set,
                                one,
                                suite.generalisation(one).stream()
                                        .filter(lastHopKnown)
                                        .toList(),
                                own);
            case SIBLINGS -> others(set, one, suite.siblings(one), own);
            case SPECIFICITY_RELATION -> others(set, one, suite.sameRelations(one), own);
            case SPECIFICITY_RANDOM -> others(set, one, suite.random(one, seed), own);
            case HOPS -> one.isSingle() ? others(set, one, suite.generalisation(one), own) : hops(one);
        };
    }

    private List<Probe> others(EditSet set, CompositionalCase one, List<CompositionalCase> cases, Set<String> own) {
        List<Probe> probes = new ArrayList<>();
        for (CompositionalCase other : drawn(cases, set == EditSet.SPECIFICITY_RANDOM)) {
            List<Query> queries = ofForm(other.compositions(templates));
            if (probes.size() < perSet && !own.contains(other.id()) && !queries.isEmpty()) {
                probes.add(probe(set, one, other, queries.get(0)));
            }
        }
        return probes;
    }

    /** The cases in an order that the seed decides, so that a limit takes a fair part of them. */
    private List<CompositionalCase> drawn(List<CompositionalCase> cases, boolean isDrawn) {
        if (isDrawn || cases.size() <= perSet) {
            return cases;
        }
        return SeededOrder.shuffled(cases, new Random(seed));
    }

    private List<Probe> hops(CompositionalCase one) {
        List<Probe> probes = new ArrayList<>();
        for (int hop = 0; hop < one.hops().size(); hop++) {
            for (Query query : ofForm(one.singleHops().get(hop))) {
                if (query.split() == templates) {
                    probes.add(hop(one, hop, query));
                }
            }
        }
        return probes;
    }

    static Probe hop(CompositionalCase one, int hop, Query query) {
        return new Probe(
                EditSet.HOPS,
                one.id() + " hop" + (hop + 1) + " " + query.template().id(),
                one.id(),
                one.bridge(),
                Question.of(query, one.hops().get(hop).answers()));
    }

    static Probe probe(EditSet set, CompositionalCase one, CompositionalCase asked, Query query) {
        String item = asked.id() + " " + query.template().id();
        return new Probe(
                set,
                asked.id().equals(one.id()) ? item : one.id() + " > " + item,
                one.id(),
                one.bridge(),
                Question.of(query, asked.answers()),
                asked.isSingle()
                        ? Optional.empty()
                        : guide(asked, query).map(guide -> Question.of(guide, asked.answers())));
    }

    private static Optional<Query> guide(CompositionalCase asked, Query composition) {
        return asked.guides().stream()
                .filter(query -> query.template().equals(composition.template()))
                .findFirst();
    }

    List<Query> ofForm(List<Query> queries) {
        return queries.stream().filter(query -> query.form() == form).toList();
    }
}

package modelpatch.evaluate;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;

/** What a model gets right, on primary prompts: taken from what is known of it, else asked once and remembered. */
public final class Knowledge {
    private final Examiner before;
    private final Map<String, Boolean> given;
    private final Map<String, Boolean> composed;

    /**
     * What is known of a model, and what it says itself of the rest.
     *
     * @param before asks the model
     * @param composed by the id of a case, whether its composition is right
     */
    public Knowledge(Examiner before, Map<String, Boolean> composed) {
        this.before = before;
        this.given = Map.copyOf(composed);
        this.composed = new HashMap<>(composed);
    }

    /** What a model says itself. */
    public static Knowledge asking(Examiner before) {
        return new Knowledge(before, Map.of());
    }

    /** The cases whose composition was known to be right from the beginning. Nobody is asked, so it does not depend on what was asked before. */
    public List<CompositionalCase> composingAsGiven(List<CompositionalCase> cases) {
        return cases.stream().filter(one -> given.getOrDefault(one.id(), false)).toList();
    }

    /** The cases whose composition is right. */
    public List<CompositionalCase> composing(List<CompositionalCase> cases) {
        List<CompositionalCase> open =
                cases.stream().filter(one -> !composed.containsKey(one.id())).toList();
        if (!open.isEmpty()) {
            List<Question> questions = open.stream().map(this::composition).toList();
            List<Boolean> right = right(questions);
            for (int i = 0; i < open.size(); i++) {
                composed.put(open.get(i).id(), right.get(i));
            }
        }
        return cases.stream().filter(one -> composed.get(one.id())).toList();
    }

    /** The cases around some edited ones, as {@link EditSet#GENERALISATION} asks them, whose last hop is right. */
    public Set<CompositionalCase> knowingLastHopAround(CaseSuite suite, List<CompositionalCase> edited) {
        return Set.copyOf(knowingLastHop(edited.stream()
                .flatMap(one -> suite.generalisation(one).stream())
                .distinct()
                .toList()));
    }

    /** The items of some edited cases that the model lets decide. */
    public List<Probe> probes(EditProbes kind, CaseSuite suite, List<CompositionalCase> edited) {
        return decidable(kind.of(suite, edited, knowingLastHopAround(suite, edited)::contains));
    }

    /** The cases whose last hop is right. */
    public List<CompositionalCase> knowingLastHop(List<CompositionalCase> cases) {
        List<Boolean> right = right(cases.stream().map(this::lastHop).toList());
        return IntStream.range(0, cases.size())
                .filter(right::get)
                .mapToObj(cases::get)
                .toList();
    }

    /**
     * The items that an edit could make right, or could break: without paraphrases, generalisations and siblings whose guide in that very
     * wording the model does not answer. The edited prompts themselves stay whatever their guides.
     */
    public List<Probe> decidable(List<Probe> probes) {
        List<Probe> asked = probes.stream().filter(Knowledge::needsGuide).toList();
        List<Boolean> right =
                right(asked.stream().map(probe -> probe.guide().orElseThrow()).toList());
        Set<Probe> undecidable = new HashSet<>();
        for (int i = 0; i < asked.size(); i++) {
            if (!right.get(i)) {
                undecidable.add(asked.get(i));
            }
        }
        return probes.stream().filter(probe -> !undecidable.contains(probe)).toList();
    }

    private static boolean needsGuide(Probe probe) {
        return probe.set().mustChange()
                && probe.set() != EditSet.CORRECTION
                && probe.guide().isPresent();
    }

    private List<Boolean> right(List<Question> questions) {
        return before.ask(questions).stream().map(Reply::right).toList();
    }

    private Question composition(CompositionalCase one) {
        return Question.of(primary(one.compositions()), one.answers());
    }

    private Question lastHop(CompositionalCase one) {
        return Question.of(primary(one.singleHops().get(one.hops().size() - 1)), one.answers());
    }

    private Query primary(List<Query> queries) {
        return Query.first(queries, before.protocol().form()).orElse(queries.get(0));
    }
}

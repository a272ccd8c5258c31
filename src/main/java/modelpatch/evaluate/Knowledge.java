package modelpatch.evaluate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;

/** What a model gets right, on primary prompts: taken from what is known of it, else asked once and remembered. */
public final class Knowledge {
    private final Examiner before;
    private final Map<String, Boolean> composed;

    /**
     * What is known of a model, and what it says itself of the rest.
     *
     * @param before asks the model
     * @param composed by the id of a case, whether its composition is right
     */
    public Knowledge(Examiner before, Map<String, Boolean> composed) {
        this.before = before;
        this.composed = new HashMap<>(composed);
    }

    /** What a model says itself. */
    public static Knowledge asking(Examiner before) {
        return new Knowledge(before, Map.of());
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

    /** The cases whose last hop is right. */
    public List<CompositionalCase> knowingLastHop(List<CompositionalCase> cases) {
        List<Boolean> right = right(cases.stream().map(this::lastHop).toList());
        return IntStream.range(0, cases.size())
                .filter(right::get)
                .mapToObj(cases::get)
                .toList();
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

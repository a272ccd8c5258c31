package modelpatch.edit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.locate.Findings;

/** What the unedited model gets right, on primary prompts. Taken from findings where they say it, else asked once and remembered. */
public final class Knowledge {
    private final Examiner before;
    private final Map<String, Boolean> composed = new HashMap<>();

    /**
     * What findings say of a model, and what it says itself of the rest.
     *
     * @param before asks the unedited model
     */
    public Knowledge(Examiner before, Findings findings) {
        this.before = before;
        for (Findings.Side side :
                List.of(findings.split().choose(), findings.split().report())) {
            side.composed().forEach(id -> composed.put(id, true));
            side.failures().forEach(id -> composed.put(id, false));
        }
    }

    private Knowledge(Examiner before) {
        this.before = before;
    }

    /** What a model says itself, without findings. */
    public static Knowledge asking(Examiner before) {
        return new Knowledge(before);
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

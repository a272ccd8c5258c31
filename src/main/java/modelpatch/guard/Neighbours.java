package modelpatch.guard;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;

/**
 * The facts around an edit: those of the edited relations about other entities, and those of other relations about the edited entities.
 * They are where an edit spills over first.
 */
public final class Neighbours {
    /** How a fact is near. */
    public enum Kind {
        /** Same relation, another subject. */
        SAME_RELATION,
        /** Another relation of a subject or object of an edited case. */
        SAME_ENTITY;

        /** The name in JSON and tables. */
        @com.fasterxml.jackson.annotation.JsonValue
        public String key() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * Facts of one relation near an edit, asked before and after.
     *
     * @param n how many
     * @param rightBefore of the base
     * @param rightAfter of the changed model
     * @param worsened how many were right and are wrong
     */
    public record Row(String relation, Kind kind, int n, int rightBefore, int rightAfter, int worsened) {}

    private record Key(String relation, Kind kind) {}

    private final Map<Key, List<Question>> questions;

    private Neighbours(Map<Key, List<Question>> questions) {
        this.questions = questions;
    }

    /**
     * Finds them.
     *
     * @param suite holds the facts as hops of its cases
     * @param edited the cases that patches were made for
     * @param form of the prompts
     * @param most facts of one relation and kind
     */
    static Neighbours of(CaseSuite suite, Collection<CompositionalCase> edited, Form form, int most) {
        Set<Fact> own = new HashSet<>();
        Set<String> relations = new HashSet<>();
        Set<String> entities = new HashSet<>();
        for (CompositionalCase one : edited) {
            own.addAll(one.hops());
            relations.addAll(one.relations());
            one.hops().forEach(hop -> {
                entities.add(hop.subject());
                entities.add(hop.object());
            });
        }
        Map<Fact, Query> prompts = new LinkedHashMap<>();
        for (CompositionalCase one : suite.cases()) {
            for (int hop = 0; hop < one.hops().size(); hop++) {
                Fact fact = one.hops().get(hop);
                if (!own.contains(fact) && !prompts.containsKey(fact)) {
                    Query.first(one.singleHops().get(hop), form).ifPresent(query -> prompts.put(fact, query));
                }
            }
        }
        Map<Key, List<Question>> questions = new LinkedHashMap<>();
        prompts.forEach((fact, query) -> {
            boolean sameRelation = relations.contains(fact.relation());
            boolean sameEntity = entities.contains(fact.subject()) || entities.contains(fact.object());
            if (sameRelation || sameEntity) {
                Kind kind = sameRelation ? Kind.SAME_RELATION : Kind.SAME_ENTITY;
                List<Question> list =
                        questions.computeIfAbsent(new Key(fact.relation(), kind), key -> new ArrayList<>());
                if (list.size() < most) {
                    list.add(Question.of(query, fact.answers()));
                }
            }
        });
        return new Neighbours(questions);
    }

    /** Asks all of them before and after. */
    List<Row> rows(Examiner before, Examiner after) {
        List<Row> rows = new ArrayList<>();
        questions.forEach((key, asked) -> {
            List<Reply> first = before.ask(asked);
            List<Reply> second = after.ask(asked);
            int worsened = 0;
            for (int i = 0; i < asked.size(); i++) {
                worsened += first.get(i).right() && !second.get(i).right() ? 1 : 0;
            }
            rows.add(new Row(key.relation(), key.kind(), asked.size(), right(first), right(second), worsened));
        });
        rows.sort(Comparator.comparing(Row::kind).thenComparing(Row::relation));
        return List.copyOf(rows);
    }

    private static int right(List<Reply> replies) {
        return (int) replies.stream().filter(Reply::right).count();
    }
}

package modelpatch.guide;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.Form;
import modelpatch.cases.Relation;
import modelpatch.cases.Relations;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.Template;
import modelpatch.cases.TemplateSplit;
import modelpatch.train.World;

/**
 * The names and sentences of a world without a single fact of it: who has which relation is kept, the objects are drawn anew of their type. What
 * is taught of many such worlds is what can be said, and how; none of what is true in the target's.
 */
final class RedrawnWorld {
    private final Relations relations;
    private final EntityNames names;
    private final List<Fact> facts = new ArrayList<>();
    private final Map<String, List<Fact>> bySubject = new LinkedHashMap<>();
    private final List<Fact> firstHops = new ArrayList<>();

    /** @param truth whose names and sentences are used, and whose facts are avoided */
    RedrawnWorld(World truth, RandomGenerator random) {
        this.relations = truth.relations();
        this.names = truth.names();
        Map<String, Set<String>> ofType = new TreeMap<>();
        for (Fact fact : truth.facts().facts()) {
            ofType.computeIfAbsent(type(fact), type -> new TreeSet<>()).add(fact.object());
        }
        for (Fact fact : truth.facts().facts()) {
            List<String> others = new ArrayList<>(ofType.get(type(fact)));
            others.remove(fact.object());
            others.remove(fact.subject());
            String object = others.get(random.nextInt(others.size()));
            Fact drawn = new Fact(fact.subject(), fact.relation(), fact.relationLabel(), object);
            facts.add(drawn);
            bySubject
                    .computeIfAbsent(drawn.subject(), subject -> new ArrayList<>())
                    .add(drawn);
        }
        facts.stream().filter(fact -> bySubject.containsKey(fact.object())).forEach(firstHops::add);
    }

    private String type(Fact fact) {
        return relations.get(fact.relation()).objectType();
    }

    List<Fact> facts() {
        return facts;
    }

    /**
     * A prompt and what follows it.
     *
     * @param relations of the question, for telling questions of other relations apart
     * @param completion after a space, up to the last full stop
     * @param object what the answer is
     */
    record Said(String relations, String prompt, String completion, String object) {
        String text() {
            return prompt + " " + completion;
        }
    }

    /** A single fact, in a cloze or a question. */
    Said single(RandomGenerator random) {
        return single(facts.get(random.nextInt(facts.size())), random);
    }

    /** A single fact about an entity that was named; empty where it is the subject of none. */
    Optional<Said> about(String subject, RandomGenerator random) {
        List<Fact> own = bySubject.getOrDefault(subject, List.of());
        return own.isEmpty() ? Optional.empty() : Optional.of(single(own.get(random.nextInt(own.size())), random));
    }

    private Said single(Fact fact, RandomGenerator random) {
        Template template = template(fact, random, List.of(Form.values()));
        return new Said(
                fact.relation(),
                template.fill(names.inSentence(fact.subject())).prompt(),
                fact.object() + ".",
                fact.object());
    }

    /** A composition, answered at once. */
    Said direct(RandomGenerator random) {
        return composition(random, false);
    }

    /** A composition, answered by way of the bridge: {@code bridge. r2 of bridge is answer.} */
    Said chain(RandomGenerator random) {
        return composition(random, true);
    }

    private Said composition(RandomGenerator random, boolean chain) {
        while (true) {
            Fact first = firstHops.get(random.nextInt(firstHops.size()));
            List<Fact> next = bySubject.get(first.object());
            Fact last = next.get(random.nextInt(next.size()));
            if (!last.object().equals(first.subject())) {
                Template template = template(last, random, chain ? List.of(Form.CLOZE) : List.of(Form.values()));
                Relation relation = relations.get(first.relation());
                String asked = template.fill(relation.describe(names.inSentence(first.subject())))
                        .prompt();
                String guide = template.fill(names.inSentence(first.object())).prompt();
                String bridge = chain ? first.object() + ". " + guide + " " : "";
                return new Said(
                        first.relation() + "-" + last.relation(), asked, bridge + last.object() + ".", last.object());
            }
        }
    }

    /** A wording that is not kept for tests. */
    private Template template(Fact fact, RandomGenerator random, List<Form> forms) {
        Relation relation = relations.get(fact.relation());
        List<Template> taught = new ArrayList<>();
        for (Form form : forms) {
            taught.addAll(relation.templates(TemplateSplit.EDIT, form));
            taught.addAll(relation.templates(TemplateSplit.VALIDATION, form));
        }
        return taught.get(random.nextInt(taught.size()));
    }

    /**
     * Prompts with the completions of others, each of other relations: the same texts, and no way from one to the other.
     *
     * @param said at least two kinds of relations among them, else they stay
     */
    static List<Said> shuffled(List<Said> said, RandomGenerator random) {
        List<Said> wrong = new ArrayList<>();
        for (Said one : said) {
            Set<Said> others = new LinkedHashSet<>(said);
            others.removeIf(other -> other.relations().equals(one.relations()));
            List<Said> drawn = SeededOrder.shuffled(others, 1, random);
            wrong.add(
                    drawn.isEmpty()
                            ? one
                            : new Said(
                                    one.relations(),
                                    one.prompt(),
                                    drawn.get(0).completion(),
                                    drawn.get(0).object()));
        }
        return wrong;
    }
}

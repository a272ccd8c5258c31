package modelpatch.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.Relation;
import modelpatch.cases.Relations;
import modelpatch.cases.SeededOrder;
import modelpatch.cases.SuiteRecipe;

/** Draws a world by its plan: names, facts, and which compositions are taught. */
final class WorldMaker {
    private final WorldPlan plan;
    private final Relations relations;
    private final long seed;
    private final Map<String, List<String>> entities = new LinkedHashMap<>();
    private final List<Fact> facts = new ArrayList<>();

    WorldMaker(WorldPlan plan, Relations relations, long seed) {
        this.plan = plan;
        this.relations = relations;
        this.seed = seed;
    }

    World world() {
        nameEntities();
        plan.kinds().forEach(this::stateFacts);
        FactTable table = FactTable.of(facts);
        EntityNames names = leads();
        CaseSuite suite = CaseSuite.compose(table, relations, names, SuiteRecipe.twoHops(seed));
        return new World(seed, table, relations, names, suite, taught(suite));
    }

    private void nameEntities() {
        Set<String> taken = new LinkedHashSet<>();
        relations.all().forEach(relation -> {
            taken.addAll(Words.of(relation.nounPhrase()));
            relation.templates().forEach(template -> taken.addAll(Words.of(template.text())));
        });
        for (WorldPlan.Kind kind : plan.kinds()) {
            for (String word : kind.words()) {
                if (!taken.add(word)) {
                    throw new IllegalArgumentException(
                            "the word '" + word + "' of the kind " + kind.kind() + " is used already");
                }
            }
            if (kind.invented() != null) {
                kind.invented().given().forEach(given -> taken.addAll(Words.of(given)));
            }
        }
        Names names = new Names(Draw.of(seed, "names"), taken);
        for (WorldPlan.Kind kind : plan.kinds()) {
            entities.put(kind.kind(), kind.words().isEmpty() ? names.invent(kind.invented()) : kind.words());
        }
    }

    private void stateFacts(WorldPlan.Kind kind) {
        List<String> subjects = entities.get(kind.kind());
        Map<String, Set<String>> asked = new LinkedHashMap<>();
        kind.facts().forEach(relation -> asked.put(relation, new HashSet<>(subjects)));
        if (kind.some() != null) {
            RandomGenerator random = Draw.of(seed, "some", kind.kind());
            for (String subject : subjects) {
                SeededOrder.shuffled(kind.some().of(), kind.some().each(), random)
                        .forEach(relation -> asked.computeIfAbsent(relation, r -> new HashSet<>())
                                .add(subject));
            }
        }
        asked.forEach((id, about) -> {
            Relation relation = relations.get(id);
            List<String> having = subjects.stream().filter(about::contains).toList();
            List<String> objects = objects(relation, having, Draw.of(seed, "facts", kind.kind(), id));
            for (int i = 0; i < having.size(); i++) {
                facts.add(new Fact(having.get(i), id, relation.label(), objects.get(i)));
            }
        });
    }

    /** An object for every subject, never the subject itself; the objects of a kind are used as evenly as can be. */
    private List<String> objects(Relation relation, List<String> subjects, RandomGenerator random) {
        List<String> kind = entities.get(relation.objectType());
        if (kind == null || kind.size() < 2) {
            throw new IllegalArgumentException("the relation " + relation.id() + " needs a kind "
                    + relation.objectType() + " of at least two entities, but the kinds are " + entities.keySet());
        }
        List<String> objects = new ArrayList<>();
        while (objects.size() < subjects.size()) {
            objects.addAll(SeededOrder.shuffled(kind, subjects.size() - objects.size(), random));
        }
        for (int i = 0; i < objects.size(); i++) {
            if (objects.get(i).equals(subjects.get(i))) {
                changeObject(i, objects, subjects, kind);
            }
        }
        return objects;
    }

    /** Swaps the object of subject i with another's such that neither subject is its own object, or takes any other where none can swap. */
    private static void changeObject(int i, List<String> objects, List<String> subjects, List<String> kind) {
        String self = subjects.get(i);
        for (int other = 0; other < objects.size(); other++) {
            if (!objects.get(other).equals(self) && !subjects.get(other).equals(self)) {
                objects.set(i, objects.get(other));
                objects.set(other, self);
                return;
            }
        }
        objects.set(
                i, kind.stream().filter(one -> !one.equals(self)).findFirst().orElseThrow());
    }

    private EntityNames leads() {
        Map<String, EntityNames.Entry> leads = new LinkedHashMap<>();
        for (WorldPlan.Kind kind : plan.kinds()) {
            if (!kind.lead().isEmpty()) {
                entities.get(kind.kind())
                        .forEach(name -> leads.put(name, new EntityNames.Entry(kind.lead(), List.of())));
            }
        }
        return EntityNames.of(leads);
    }

    /** The ids of the compositions that are taught. */
    private Set<String> taught(CaseSuite suite) {
        Map<Fact, Boolean> neverFirst = new HashMap<>();
        Map<Fact, Boolean> neverSecond = new HashMap<>();
        Set<String> taught = new LinkedHashSet<>();
        for (CompositionalCase one : suite.cases()) {
            boolean first = marked(neverFirst, one.hops().get(0), "never first", plan.firstHopNever());
            boolean second = marked(neverSecond, one.hops().get(1), "never second", plan.secondHopNever());
            boolean drawn = Draw.of(seed, "taught", one.id()).nextDouble() < plan.taughtShare();
            if (!first && !second && drawn) {
                taught.add(one.id());
            }
        }
        return taught;
    }

    private boolean marked(Map<Fact, Boolean> marks, Fact fact, String purpose, double chance) {
        return marks.computeIfAbsent(
                fact,
                one -> Draw.of(seed, purpose, one.subject(), one.relation()).nextDouble() < chance);
    }
}

package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.Relation;
import modelpatch.cases.Relations;
import modelpatch.cases.SuiteRecipe;
import modelpatch.cases.Template;
import modelpatch.cases.TemplateSplit;

/** Three countries, two people each, capitals and languages; and a river with its sea, which has nothing to do with them. */
public final class SmallWorld {
    public static final Relations RELATIONS = Relations.of(List.of(
            relation("home", "country"),
            relation("capital", "city"),
            relation("language", "tongue"),
            relation("flows", "river"),
            relation("ends", "sea")));
    public static final CaseSuite SUITE =
            CaseSuite.compose(FactTable.of(facts()), RELATIONS, EntityNames.none(), SuiteRecipe.twoHops(1));

    private SmallWorld() {}

    private static List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        String[][] countries = {{"Arda", "Arno", "Ardish"}, {"Bela", "Bruno", "Belish"}, {"Cora", "Carno", "Corish"}};
        for (String[] country : countries) {
            facts.add(fact("Old " + country[0] + "man", "home", country[0]));
            facts.add(fact("Young " + country[0] + "man", "home", country[0]));
            facts.add(fact(country[0], "capital", country[1]));
            facts.add(fact(country[0], "language", country[2]));
        }
        facts.add(fact("Delta Valley", "flows", "Danno"));
        facts.add(fact("Danno", "ends", "Deep Sea"));
        facts.add(fact("Echo Valley", "flows", "Elbo"));
        facts.add(fact("Elbo", "ends", "East Sea"));
        return facts;
    }

    private static Fact fact(String subject, String relation, String object) {
        return new Fact(subject, relation, relation, object);
    }

    private static Relation relation(String id, String objectType) {
        List<Template> templates = new ArrayList<>();
        for (TemplateSplit split : TemplateSplit.values()) {
            for (int i = 1; i <= 2; i++) {
                String name = id + "." + split.key() + ".";
                templates.add(new Template(
                        name + "cloze." + i,
                        Form.CLOZE,
                        split,
                        "By " + split.key() + " " + i + " the " + id + " of {} is"));
            }
            templates.add(new Template(
                    id + "." + split.key() + ".question.1",
                    Form.QUESTION,
                    split,
                    "By " + split.key() + ", what is the " + id + " of {}?"));
        }
        return new Relation(id, id, objectType, "the " + id + " of {}", templates);
    }

    /** What a model that knows and composes everything says, by prompt. */
    public static Map<String, String> everything() {
        Map<String, String> script = new HashMap<>();
        for (CompositionalCase one : SUITE.cases()) {
            one.compositions().forEach(query -> script.put(query.prompt(), one.answer() + "."));
            for (int hop = 0; hop < one.hops().size(); hop++) {
                for (Query query : one.singleHops().get(hop)) {
                    script.put(query.prompt(), one.hops().get(hop).object() + ".");
                }
            }
        }
        return script;
    }

    /** The case that asks for a relation of someone's country. */
    public static CompositionalCase one(String subject, String lastRelation) {
        return SUITE.cases().stream()
                .filter(found -> found.subject().equals(subject)
                        && found.lastHop().relation().equals(lastRelation))
                .findFirst()
                .orElseThrow();
    }
}

package modelpatch.cases;

import java.util.ArrayList;
import java.util.List;

/** Small worlds for tests, made by hand. */
final class Sentences {
    private Sentences() {}

    /** A relation with the fewest sentences that a file may give, all made from one noun phrase. */
    static Relation relation(String id, String noun) {
        List<Template> templates = new ArrayList<>();
        for (TemplateSplit split : TemplateSplit.values()) {
            String frame = split.key();
            String name = id + "." + frame + ".";
            templates.add(
                    new Template(name + "cloze.1", Form.CLOZE, split, "By " + frame + ", the " + noun + " of {} is"));
            templates.add(new Template(name + "cloze.2", Form.CLOZE, split, "{} has by " + frame + " as its " + noun));
            templates.add(new Template(
                    name + "question.1", Form.QUESTION, split, "By " + frame + ", what is the " + noun + " of {}?"));
        }
        return new Relation(id, noun, noun, "the " + noun + " of {}", templates);
    }

    static Relations relations(String... nouns) {
        return Relations.of(
                List.of(nouns).stream().map(noun -> relation(noun, noun)).toList());
    }

    static Fact fact(String subject, String relation, String object, String... aliases) {
        return new Fact(subject, relation, relation, object, List.of(aliases));
    }
}

package modelpatch.cases;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import modelpatch.document.Json;

/**
 * A first file of relations for somebody's own facts: relations that are known already with their sentences, the others with drafts made of
 * their labels, which are English but seldom good English.
 */
public final class RelationDraft {
    private RelationDraft() {}

    /** What was drafted. */
    public record Drafted(String yaml, List<String> known, List<String> drafts) {}

    /**
     * The file, as YAML.
     *
     * @param facts whose relations it says
     * @param known relations that have sentences
     */
    public static Drafted of(FactTable facts, Relations known) {
        Map<String, String> labels = new LinkedHashMap<>();
        facts.facts().forEach(fact -> labels.putIfAbsent(fact.relation(), fact.relationLabel()));
        StringBuilder yaml = new StringBuilder(HEAD);
        labels.forEach((id, label) ->
                yaml.append(known.find(id).map(RelationDraft::known).orElseGet(() -> draft(id, label))));
        Map<Boolean, List<String>> parts = labels.keySet().stream()
                .collect(Collectors.partitioningBy(id -> known.find(id).isPresent()));
        return new Drafted(yaml.toString(), parts.get(true), parts.get(false));
    }

    private static final String HEAD = """
            # How English says each relation of these facts. {} is the subject, or a phrase that describes it; the answer follows right after a
            # cloze. Sentences are for editing, for choosing or for results, and none may stand twice. Where "DRAFT" stands, make them say it as
            # people would; objectType is the kind of the objects (person, place, product ...): entities of one type are each other's rivals.
            relations:
            """;

    private static final String DRAFT = """
              - id: ID
                label: LABEL
                objectType: thing  # DRAFT
                nounPhrase: "the NAME of {}"
                edit:
                  clozes:
                    - "The NAME of {} is"
                    - "{} has as its NAME"
                  questions:
                    - "What is the NAME of {}?"
                validation:
                  clozes:
                    - "As for {}, its NAME is"
                    - "The name of the NAME of {} is"
                  questions:
                    - "Which NAME does {} have?"
                test:
                  clozes:
                    - "What is called the NAME of {} is"
                    - "Asked for the NAME of {}, one says"
                  questions:
                    - "Do you know the NAME of {}?"
            """;

    private static String draft(String id, String label) {
        String name = label.replaceAll("[{}\"\\\\\\p{Cntrl}]", " ").strip();
        return DRAFT.replace("ID", Json.line(id))
                .replace("LABEL", Json.line(label))
                .replace("NAME", name);
    }

    private static String known(Relation relation) {
        StringBuilder yaml = new StringBuilder("  - id: ")
                .append(Json.line(relation.id()))
                .append("\n    label: ")
                .append(Json.line(relation.label()))
                .append("\n    objectType: ")
                .append(Json.line(relation.objectType()))
                .append("\n    nounPhrase: ")
                .append(Json.line(relation.nounPhrase()))
                .append('\n');
        for (TemplateSplit split : TemplateSplit.values()) {
            yaml.append("    ").append(split.key()).append(":\n");
            for (Form form : Form.values()) {
                List<Template> templates = relation.templates(split, form);
                if (!templates.isEmpty()) {
                    yaml.append("      ").append(form.key()).append("s:\n");
                    templates.forEach(template -> yaml.append("        - ")
                            .append(Json.line(template.text()))
                            .append('\n'));
                }
            }
        }
        return yaml.toString();
    }
}

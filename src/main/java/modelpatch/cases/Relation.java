package modelpatch.cases;

import java.util.List;
import java.util.Objects;

/**
 * A relation and how English says it.
 *
 * @param id such as {@code P36}
 * @param label such as {@code capital}
 * @param objectType what kind of entity its objects are, such as {@code place}; objects of one type are each other's rivals as answers
 * @param nounPhrase describes the object by its subject, with one slot: <code>the capital of {}</code>
 * @param templates sentences and questions that ask for the object, the first of them a cloze of the edit split
 */
public record Relation(String id, String label, String objectType, String nounPhrase, List<Template> templates) {
    /** @throws IllegalArgumentException when the noun phrase lacks its slot or the first template is no edit cloze */
    public Relation {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(label, "label");
        Objects.requireNonNull(objectType, "objectType");
        templates = List.copyOf(templates);
        if (Template.slots(nounPhrase) != 1) {
            throw new IllegalArgumentException("noun phrase of " + id + " needs exactly one {}: " + nounPhrase);
        }
        if (templates.isEmpty()
                || templates.get(0).form() != Form.CLOZE
                || templates.get(0).split() != TemplateSplit.EDIT) {
            throw new IllegalArgumentException("the first template of " + id + " is no cloze of the edit split");
        }
    }

    /** The template that decides: the first cloze of the edit split. */
    public Template primary() {
        return templates.get(0);
    }

    /** The object described by this relation of the phrase: {@code the capital of} + phrase. */
    public String describe(String phrase) {
        int slot = nounPhrase.indexOf(Template.SLOT);
        return nounPhrase.substring(0, slot) + phrase + nounPhrase.substring(slot + Template.SLOT.length());
    }

    /** The templates of one split and form, in their order. */
    public List<Template> templates(TemplateSplit split, Form form) {
        return templates.stream()
                .filter(template -> template.split() == split && template.form() == form)
                .toList();
    }
}

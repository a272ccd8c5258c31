package modelpatch.cases;

import java.util.Objects;

/**
 * A sentence or question with one slot, written <code>{}</code>, for the entity (or for the phrase that describes it).
 *
 * @param id unique within a suite, such as {@code P36.edit.cloze.1}
 * @param text the sentence with its slot
 */
public record Template(String id, Form form, TemplateSplit split, String text) {
    /** What stands for the slot in a template. */
    public static final String SLOT = "{}";

    /** @throws IllegalArgumentException when the text has no slot or more than one */
    public Template {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(form, "form");
        Objects.requireNonNull(split, "split");
        if (slots(text) != 1) {
            throw new IllegalArgumentException("template " + id + " needs exactly one {}: " + text);
        }
    }

    /** The prompt in which the phrase fills the slot; a phrase that opens the sentence gets a capital letter. */
    public Query fill(String phrase) {
        int slot = text.indexOf(SLOT);
        String opening = text.substring(0, slot) + (slot == 0 ? Words.capitalised(phrase) : phrase);
        return new Query(opening + text.substring(slot + SLOT.length()), opening.length(), this);
    }

    /** How many slots a text has. */
    static int slots(String text) {
        int slots = 0;
        for (int at = text.indexOf(SLOT); at >= 0; at = text.indexOf(SLOT, at + SLOT.length())) {
            slots++;
        }
        return slots;
    }
}

package modelpatch.cases;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.document.Located;

/** Reads relations and their sentences, holding them to what a suite needs. */
final class RelationFile {
    /** Fewer sentences than these leave too little to choose and to report on. */
    static final int FEWEST_CLOZES = 6;

    static final int FEWEST_QUESTIONS = 3;

    private static final Set<String> KEYS =
            Set.of("id", "label", "objectType", "nounPhrase", "edit", "validation", "test");
    private static final Set<String> SPLIT_KEYS = Set.of("clozes", "questions");

    private RelationFile() {}

    static List<Relation> relations(Located document) {
        document.fields("file of relations", Set.of("relations"));
        Map<String, String> ids = new HashMap<>();
        List<Relation> relations = new ArrayList<>();
        List<BadInput> faults = new ArrayList<>();
        for (Located entry : document.field("relations").items("relations")) {
            Relation relation;
            try {
                relation = relation(entry);
            } catch (BadInput fault) {
                faults.add(fault);
                continue;
            }
            String first = ids.putIfAbsent(relation.id(), entry.field("id").where());
            if (first != null) {
                throw entry.field("id").bad("relation given twice", "a new id", "keep one; the first is at " + first);
            }
            relations.add(relation);
        }
        if (faults.size() == 1) {
            throw faults.get(0);
        }
        if (!faults.isEmpty()) {
            String all =
                    faults.stream().map(fault -> "\n  " + fault.getMessage()).collect(Collectors.joining());
            throw BadInput.of(document.where(), faults.size() + " relations have faults:" + all)
                    .causedBy(faults.get(0));
        }
        if (relations.isEmpty()) {
            throw document.field("relations").bad("no relations", "at least one", "add a relation");
        }
        return relations;
    }

    private static Relation relation(Located entry) {
        entry.fields("relation", KEYS);
        String id = entry.field("id").text("id");
        Map<String, Located> texts = new HashMap<>();
        List<Template> templates = new ArrayList<>();
        for (TemplateSplit split : TemplateSplit.values()) {
            Located part = entry.field(split.key());
            part.fields(split.key() + " split", SPLIT_KEYS);
            for (Form form : Form.values()) {
                templates.addAll(templates(id, split, form, part, texts));
            }
        }
        requireEnough(entry, templates, Form.CLOZE, FEWEST_CLOZES);
        requireEnough(entry, templates, Form.QUESTION, FEWEST_QUESTIONS);
        Located noun = entry.field("nounPhrase");
        requireSlot(noun, "noun phrase");
        return new Relation(
                id,
                entry.field("label").text("label"),
                entry.field("objectType").text("object type"),
                noun.text("noun phrase"),
                templates);
    }

    private static List<Template> templates(
            String id, TemplateSplit split, Form form, Located part, Map<String, Located> texts) {
        boolean optional = form == Form.QUESTION && split != TemplateSplit.TEST;
        String key = form.key() + "s";
        if (optional && part.optional(key).isEmpty()) {
            return List.of();
        }
        List<Located> items = part.field(key).items(key);
        if (items.isEmpty()) {
            throw part.field(key).bad("no " + key, "at least one in the " + split.key() + " split", "add one");
        }
        List<Template> templates = new ArrayList<>();
        for (Located item : items) {
            requireSlot(item, form.key());
            Located first = texts.putIfAbsent(item.text(form.key()).toLowerCase(Locale.ROOT), item);
            if (first != null) {
                throw item.bad(form.key() + " given twice", "a new one", "keep one; the first is at " + first.where());
            }
            String number = id + "." + split.key() + "." + form.key() + "." + (templates.size() + 1);
            templates.add(new Template(number, form, split, item.text(form.key())));
        }
        return templates;
    }

    private static void requireSlot(Located item, String what) {
        int slots = Template.slots(item.text(what));
        if (slots != 1) {
            throw item.bad(
                    (slots == 0 ? "no slot in a " : "more than one slot in a ") + what,
                    "exactly one {}",
                    "write {} once");
        }
    }

    private static void requireEnough(Located entry, List<Template> templates, Form form, int fewest) {
        long found =
                templates.stream().filter(template -> template.form() == form).count();
        if (found < fewest) {
            throw new BadInput(
                    "too few " + form.key() + "s",
                    entry.where(),
                    "at least " + fewest + " in all splits together",
                    String.valueOf(found),
                    "add " + (fewest - found));
        }
    }
}

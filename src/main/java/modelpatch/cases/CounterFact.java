package modelpatch.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import modelpatch.document.Located;

/**
 * Reads the JSON file of CounterFact (Meng et al. 2022, arXiv 2202.05262): the true fact of each record as a case of a single hop. The
 * prompt to rewrite is its edit cloze, the paraphrases are its test clozes. A neighbourhood prompt, which asks for the same object of an
 * unnamed other subject, becomes a case where some prompt of the same relation tells its subject; else it counts as left out.
 */
final class CounterFact {
    private record Neighbour(String relation, String object, String prompt) {}

    private final SingleFacts facts = new SingleFacts();
    private final Map<String, Set<String>> promptsOf = new LinkedHashMap<>();
    private final List<Neighbour> neighbours = new ArrayList<>();

    private CounterFact() {}

    /**
     * A suite with one case per fact.
     *
     * @throws modelpatch.BadInput naming file, line and column of what a record lacks
     */
    static CaseSuite read(Path json, long seed) {
        CounterFact reader = new CounterFact();
        Located.records(json, reader::record);
        reader.neighbours.forEach(reader::neighbour);
        return reader.facts.suite(seed);
    }

    private void record(Located item) {
        Located rewrite = item.field("requested_rewrite");
        String subject = rewrite.field("subject").text("subject");
        String relation = rewrite.field("relation_id").text("relation id");
        String object = rewrite.field("target_true").field("str").text("true target");
        Located prompt = rewrite.field("prompt");
        String text = prompt.text("prompt");
        if (Template.slots(text) != 1) {
            throw prompt.bad("no usable prompt", "exactly one {}", "take the file as it was published");
        }
        promptsOf.computeIfAbsent(relation, id -> new LinkedHashSet<>()).add(text);
        List<Query> prompts = new ArrayList<>();
        prompts.add(template(text).fill(subject));
        List<Located> paraphrases = texts(item, "paraphrase_prompts");
        for (int i = 0; i < paraphrases.size(); i++) {
            String id = "counterfact.test." + (i + 1);
            Optional<Query> paraphrase =
                    Asked.naming(subject, paraphrases.get(i).text("prompt"), id, Form.CLOZE, TemplateSplit.TEST);
            paraphrase.ifPresent(prompts::add);
            facts.leaveOut(paraphrase.isPresent() ? 0 : 1);
        }
        facts.add(new Fact(subject, relation, relation, object), prompts);
        for (Located neighbour : texts(item, "neighborhood_prompts")) {
            neighbours.add(new Neighbour(relation, object, neighbour.text("prompt")));
        }
    }

    /** The longest prompt of the relation that says the neighbour's words around some subject tells who that subject is. */
    private void neighbour(Neighbour one) {
        Optional<String> fitting = promptsOf.get(one.relation()).stream()
                .filter(text -> !subject(text, one.prompt()).isBlank())
                .max(Comparator.comparingInt(String::length));
        if (fitting.isEmpty()) {
            facts.leaveOut(1);
            return;
        }
        String subject = subject(fitting.get(), one.prompt());
        facts.add(
                new Fact(subject, one.relation(), one.relation(), one.object()),
                List.of(template(fitting.get()).fill(subject)));
    }

    private static String subject(String template, String prompt) {
        int slot = template.indexOf(Template.SLOT);
        String before = template.substring(0, slot);
        String after = template.substring(slot + Template.SLOT.length());
        boolean fits = prompt.length() > before.length() + after.length()
                && prompt.startsWith(before)
                && prompt.endsWith(after);
        return fits ? prompt.substring(before.length(), prompt.length() - after.length()) : "";
    }

    private static Template template(String text) {
        return new Template("counterfact.edit.1", Form.CLOZE, TemplateSplit.EDIT, text);
    }

    private static List<Located> texts(Located item, String key) {
        return item.optional(key).map(list -> list.items(key)).orElse(List.of());
    }
}

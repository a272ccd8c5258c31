package modelpatch.cases;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import modelpatch.document.Located;

/** Reads few-shot prefixes. */
final class FewShotFile {
    private FewShotFile() {}

    static List<FewShotPool> read(Located document) {
        document.fields("file of few-shot prefixes", Set.of("prefixes"));
        List<FewShotPool> pools = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Located entry : document.field("prefixes").items("prefixes")) {
            entry.fields("prefix", Set.of("id", "form", "demonstrations"));
            String id = entry.field("id").text("id");
            if (!ids.add(id)) {
                throw entry.field("id").bad("prefix given twice", "a new id", "keep one");
            }
            Form form = entry.field("form").choice("form", Form.values(), Form::key);
            List<List<String>> choices = entry.field("demonstrations").items("demonstrations").stream()
                    .map(item -> choice(item, form))
                    .toList();
            pools.add(new FewShotPool(id, form, choices));
        }
        return List.copyOf(pools);
    }

    /** A demonstration, or a list of those that may stand in its place. */
    private static List<String> choice(Located item, Form form) {
        List<Located> some = item.isList() ? item.items("demonstrations") : List.of(item);
        if (some.isEmpty()) {
            throw item.bad("no demonstration", "at least one to choose", "give one, or leave the list out");
        }
        return some.stream().map(one -> demonstration(one, form)).toList();
    }

    private static String demonstration(Located item, Form form) {
        if (form == Form.QUESTION) {
            item.fields("demonstration", Set.of("question", "answer"));
            return form.before() + item.field("question").text("question") + form.after() + " "
                    + item.field("answer").text("answer");
        }
        String sentence = item.text("demonstration");
        if (!sentence.endsWith(".")) {
            throw item.bad("no full sentence", "a sentence that ends with a period", "finish the sentence");
        }
        return sentence;
    }
}

package modelpatch.cases;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.document.Located;

/**
 * Reads the JSON file of zsRE in the form of its editing benchmark (Levy et al. 2017, arXiv 1706.04115; form of Mitchell et al. 2022,
 * arXiv 2110.11309): {@code subject}, {@code src}, {@code rephrase}, {@code answers}. Each record is a case of a single hop whose relation
 * is the question itself with a slot for the subject; {@code src} is its edit question and {@code rephrase} its test question. The
 * unrelated question {@code loc} names no subject and is not taken, nor is the counterfactual {@code alt}.
 */
final class ZsRe {
    private ZsRe() {}

    /**
     * A suite with one case per fact; records whose subject cannot be read in their question count as left out.
     *
     * @throws modelpatch.BadInput naming file, line and column of what a record lacks
     */
    static CaseSuite read(Path json, long seed) {
        SingleFacts facts = new SingleFacts();
        Located.records(json, item -> record(item, facts));
        return facts.suite(seed);
    }

    private static void record(Located item, SingleFacts facts) {
        String subject = item.field("subject").text("subject");
        Optional<Query> source = question(subject, item.field("src"), TemplateSplit.EDIT);
        Optional<Query> rephrase =
                item.optional("rephrase").flatMap(text -> question(subject, text, TemplateSplit.TEST));
        List<Located> answers = item.field("answers").items("answers");
        if (answers.isEmpty()) {
            throw item.field("answers").bad("no answers", "at least one", "take the file as it was published");
        }
        if (source.isEmpty()) {
            facts.leaveOut(rephrase.isPresent() ? 2 : 1);
            return;
        }
        facts.leaveOut(rephrase.isPresent() ? 0 : 1);
        List<String> names =
                answers.stream().map(answer -> answer.text("answer")).distinct().toList();
        String relation = source.get().template().text();
        facts.add(
                new Fact(subject, relation, relation, names.get(0), names.subList(1, names.size())),
                rephrase.map(second -> List.of(source.get(), second)).orElse(List.of(source.get())));
    }

    private static Optional<Query> question(String subject, Located text, TemplateSplit split) {
        return Asked.naming(subject, text.text("question"), "zsre." + split.key() + ".1", Form.QUESTION, split);
    }
}

package modelpatch.cases;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import modelpatch.document.Located;

/**
 * Reads the JSON files of MQuAKE (Zhong et al. 2023, arXiv 2305.14795): the original facts of each record, unedited. A record's hops are
 * composed from our relations, found by the ids in {@code orig.triples}; its own questions join as test questions. Records whose chain an
 * earlier one had are passed over, and facts that contradict each other between records are refused as ambiguous.
 */
final class Mquake {
    private Mquake() {}

    private record Chain(List<Fact> hops, Asked own, int leftOut) {}

    /**
     * A suite with one case per different chain.
     *
     * @param recipe decides the sides of the suite; its lengths are not used, since the records have their own
     * @throws modelpatch.BadInput naming file, line and column of what a record lacks
     */
    static CaseSuite read(Path json, Relations relations, EntityNames names, SuiteRecipe recipe) {
        List<Chain> records = new ArrayList<>();
        Set<List<List<String>>> seen = new LinkedHashSet<>();
        Located.records(json, item -> {
            Chain made = chain(item);
            List<List<String>> chain = made.hops().stream()
                    .map(hop -> List.of(hop.subject(), hop.relation(), hop.object()))
                    .toList();
            if (seen.add(chain)) {
                records.add(made);
            }
        });
        FactTable facts = FactTable.of(
                records.stream().flatMap(one -> one.hops().stream()).toList());
        Composer composer = new Composer(facts, relations, names, recipe);
        for (Chain one : records) {
            composer.leaveOut(one.leftOut());
            composer.take(one.hops(), Optional.of(one.own()));
        }
        return composer.suite();
    }

    private static Chain chain(Located item) {
        List<Fact> hops = hops(item);
        List<Located> single = item.field("single_hops").items("single hops");
        List<Query> compositions = new ArrayList<>();
        List<Query> guides = new ArrayList<>();
        List<List<Query>> asked = new ArrayList<>();
        int leftOut = 0;
        for (int hop = 0; hop < hops.size(); hop++) {
            Optional<Query> question =
                    question(hops.get(hop).subject(), single.get(hop).field("question"), "mquake.hop");
            asked.add(question.stream().toList());
            leftOut += question.isPresent() ? 0 : 1;
        }
        Optional<Query> guide = asked.get(asked.size() - 1).stream().findFirst();
        List<Located> questions = item.field("questions").items("questions");
        for (int i = 0; i < questions.size(); i++) {
            Optional<Query> question = question(hops.get(0).subject(), questions.get(i), "mquake.question." + (i + 1));
            if (question.isPresent() && guide.isPresent()) {
                compositions.add(question.get());
                guides.add(guide.get());
            } else {
                leftOut++;
            }
        }
        return new Chain(hops, new Asked(compositions, guides, asked), leftOut);
    }

    private static List<Fact> hops(Located item) {
        List<Located> ids = item.field("orig").field("triples").items("triples");
        List<Located> labels = item.field("orig").field("triples_labeled").items("labelled triples");
        List<Located> single = item.field("single_hops").items("single hops");
        if (ids.isEmpty() || ids.size() != labels.size() || ids.size() != single.size()) {
            throw item.field("orig")
                    .bad(
                            "hops do not fit each other",
                            "as many triples as labelled triples and single hops, at least one",
                            "take the file as it was published");
        }
        List<Fact> hops = new ArrayList<>();
        for (int hop = 0; hop < ids.size(); hop++) {
            Fact fact = new Fact(
                    part(labels.get(hop), 0),
                    part(ids.get(hop), 1),
                    part(labels.get(hop), 1),
                    part(labels.get(hop), 2),
                    aliases(single.get(hop)));
            if (hop > 0 && !fact.subject().equals(hops.get(hop - 1).object())) {
                throw labels.get(hop)
                        .bad(
                                "a broken chain",
                                "a hop that starts at " + hops.get(hop - 1).object(),
                                "correct the record");
            }
            hops.add(fact);
        }
        return hops;
    }

    private static String part(Located triple, int index) {
        List<Located> parts = triple.items("triple");
        if (parts.size() != 3) {
            throw triple.bad("no triple", "subject, relation, object", "correct the record");
        }
        return parts.get(index).text("part of a triple");
    }

    private static List<String> aliases(Located hop) {
        return hop.optional("answer_alias")
                .map(aliases -> aliases.items("aliases").stream()
                        .filter(alias -> alias.value() instanceof String)
                        .map(alias -> alias.text("alias"))
                        .distinct()
                        .toList())
                .orElse(List.of());
    }

    private static Optional<Query> question(String entity, Located text, String id) {
        return Asked.naming(entity, text.text("question"), id, Form.QUESTION, TemplateSplit.TEST);
    }
}

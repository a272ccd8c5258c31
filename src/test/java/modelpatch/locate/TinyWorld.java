package modelpatch.locate;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import modelpatch.cases.Background;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.Relation;
import modelpatch.cases.Relations;
import modelpatch.cases.SuiteRecipe;
import modelpatch.cases.Template;
import modelpatch.cases.TemplateSplit;
import modelpatch.evaluate.CaseOutcome;
import modelpatch.evaluate.ClusterBootstrap;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.Tally;
import modelpatch.evaluate.Verdict;
import modelpatch.model.ConformanceFamilies;

/**
 * Thirty people in six countries with capitals and languages, and a tiny random model that has their words: enough to run everything, with
 * outcomes that a test makes up.
 */
final class TinyWorld {
    static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
    private static final List<String> COUNTRIES =
            List.of("France", "Spain", "Italy", "Peru", "New Zealand", "New Guinea");
    private static final List<String> CAPITALS =
            List.of("Paris", "Madrid", "Rome", "Lima", "Wellington", "Port Moresby");
    private static final List<String> LANGUAGES =
            List.of("French", "Spanish", "Italian", "Quechua", "Maori", "Tok Pisin");

    private TinyWorld() {}

    static Background background() {
        List<Fact> facts = new ArrayList<>();
        for (int person = 0; person < 30; person++) {
            facts.add(new Fact("p" + person, "country", "country", COUNTRIES.get(person % 6)));
        }
        for (int country = 0; country < 6; country++) {
            facts.add(new Fact(COUNTRIES.get(country), "capital", "capital", CAPITALS.get(country)));
            facts.add(new Fact(COUNTRIES.get(country), "language", "language", LANGUAGES.get(country)));
        }
        facts.add(new Fact("p0", "language", "language", "Maori"));
        return new Background(
                FactTable.of(facts),
                Relations.of(List.of(
                        relation("country", "place"), relation("capital", "city"), relation("language", "language"))),
                EntityNames.none());
    }

    private static Relation relation(String id, String type) {
        return new Relation(
                id,
                id,
                type,
                "the " + id + " of {}",
                List.of(
                        new Template(id + ".1", Form.CLOZE, TemplateSplit.EDIT, "The " + id + " of {} is"),
                        new Template(id + ".2", Form.CLOZE, TemplateSplit.VALIDATION, "{} has as its " + id),
                        new Template(id + ".3", Form.CLOZE, TemplateSplit.TEST, "As its " + id + " {} has")));
    }

    static CaseSuite suite() {
        Background background = background();
        return CaseSuite.compose(
                background.facts(), background.relations(), background.names(), SuiteRecipe.twoHops(3));
    }

    static Protocol protocol() {
        return Protocol.generated(new FewShot("tiny", Form.CLOZE, List.of("The capital of Italy is Rome")));
    }

    /** Outcomes of the whole suite: every hop known, capitals composed, languages failing with what the function says. */
    static Evaluation evaluation(Function<CompositionalCase, String> predicted) {
        List<CaseOutcome> outcomes = suite().cases().stream()
                .map(one -> outcome(one, one.relations().contains("capital") ? one.answer() : predicted.apply(one)))
                .toList();
        return Evaluation.of(protocol(), outcomes, true, new ClusterBootstrap(100, 1));
    }

    private static CaseOutcome outcome(CompositionalCase one, String predicted) {
        return new CaseOutcome(
                one.id(),
                one.split().key(),
                one.bridge(),
                one.answer(),
                reply(one.primary().prompt(), predicted, predicted.equals(one.answer())),
                List.of(reply("hop 1", one.bridge(), true), reply("hop 2", one.answer(), true)),
                Tally.of(predicted.equals(one.answer())),
                List.of(Tally.of(true), Tally.of(true)),
                !one.subject().equals("p7"));
    }

    private static Reply reply(String prompt, String predicted, boolean right) {
        return new Reply(
                prompt, predicted, right ? Verdict.RIGHT : Verdict.WRONG, right, 2, List.of(), Optional.empty());
    }

    /** A random Llama of 3 layers and 6 query heads over 2 key-value heads, with a word-level tokenizer beside it. */
    static Path model(Path folder) throws IOException {
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(ConformanceFamilies.path("llama").resolve(file), folder.resolve(file));
        }
        Set<String> words = new LinkedHashSet<>(List.of("<unk>"));
        suite().cases().forEach(one -> {
            for (List<String> part : List.of(
                    one.answers(),
                    List.of(one.bridge(), one.subject(), one.primary().prompt()))) {
                part.forEach(text -> words.addAll(List.of(text.split(" "))));
            }
        });
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode tokenizer = (ObjectNode) mapper.readTree("""
                {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
                 "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
                 "model": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {}}}
                """);
        ObjectNode vocabulary = (ObjectNode) tokenizer.get("model").get("vocab");
        for (String word : words) {
            vocabulary.put(word, vocabulary.size());
        }
        mapper.writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
        return folder;
    }
}

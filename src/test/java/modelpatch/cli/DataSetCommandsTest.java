package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SuiteFile;
import modelpatch.train.World;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Compositions of the default model's world in the forms of other people's data sets go through the commands like any suite. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DataSetCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path MODEL = Path.of("models/default");
    /** A pretrained model as the commands see it; src/test/resources/cases/README.md. */
    private static final Path TINY = Path.of("src/test/resources/cases/tiny-model");

    private static final Path RELATIONS = MODEL.resolve("relations.yaml");

    private List<CompositionalCase> cases;
    private Path folder;
    private Path ours;
    private Path mquake;
    private Path counterFact;
    private Path zsRe;

    @BeforeAll
    void writeTheSameCasesInEveryForm(@TempDir Path directory) throws IOException {
        folder = directory;
        World world = World.read(MODEL);
        var suite = world.heldOut().sample(24, 3);
        cases = suite.cases();
        ours = Files.write(folder.resolve("ours.jsonl"), SuiteFile.lines(suite).toList());
        mquake = write("mquake.json", cases.stream().map(this::mquake).toList());
        counterFact =
                write("counterfact.json", cases.stream().map(this::counterFact).toList());
        zsRe = write("zsre.json", cases.stream().map(this::zsRe).toList());
    }

    private Path write(String name, List<ObjectNode> records) throws IOException {
        return Files.writeString(
                folder.resolve(name), JSON.createArrayNode().addAll(records).toPrettyString());
    }

    private ObjectNode mquake(CompositionalCase one) {
        ObjectNode record = JSON.createObjectNode();
        record.putArray("questions").add(question(one.compositions()));
        ArrayNode hops = record.putArray("single_hops");
        ArrayNode ids = record.putObject("orig").putArray("triples");
        ArrayNode labels = record.withObject("/orig").putArray("triples_labeled");
        for (int hop = 0; hop < one.hops().size(); hop++) {
            Fact fact = one.hops().get(hop);
            hops.addObject()
                    .put("question", question(one.singleHops().get(hop)))
                    .put("answer", fact.object());
            ids.addArray().add("Q" + hop).add(fact.relation()).add("Q" + (hop + 1));
            labels.addArray().add(fact.subject()).add(fact.relationLabel()).add(fact.object());
        }
        return record;
    }

    private ObjectNode counterFact(CompositionalCase one) {
        Fact fact = one.hops().get(0);
        ObjectNode record = JSON.createObjectNode();
        ObjectNode rewrite = record.putObject("requested_rewrite");
        rewrite.put("subject", fact.subject()).put("relation_id", fact.relation());
        rewrite.put("prompt", one.singleHops().get(0).get(0).template().text());
        rewrite.putObject("target_true").put("str", fact.object());
        return record;
    }

    private ObjectNode zsRe(CompositionalCase one) {
        Fact fact = one.hops().get(0);
        ObjectNode record = JSON.createObjectNode().put("subject", fact.subject());
        record.put("src", question(one.singleHops().get(0))).putArray("answers").add(fact.object());
        return record;
    }

    private static String question(List<Query> prompts) {
        return Query.first(prompts, Form.QUESTION).orElseThrow().text();
    }

    private JsonNode eval(Path suite) {
        return patch("eval", "--suite", suite, "--relations", RELATIONS, "--json")
                .succeeded()
                .json();
    }

    @Test
    void mquakeCasesAreAnsweredAsTheSameCasesOfASuite() {
        JsonNode own = eval(ours);
        JsonNode theirs = eval(mquake);
        assertThat(theirs.at("/deciding/counts/cases").asInt()).isEqualTo(cases.size());
        assertThat(outcomes(theirs)).isEqualTo(outcomes(own)).hasSize(cases.size());
        assertThat(theirs.at("/deciding/counts/failures").asInt()).isPositive();
        assertThat(theirs.at("/beside/0/protocol").asText()).startsWith("scored");
    }

    /** Case id to what was said and how it was judged. */
    private static Map<String, List<String>> outcomes(JsonNode report) {
        Map<String, List<String>> outcomes = new HashMap<>();
        report.at("/deciding/cases")
                .forEach(one -> outcomes.put(
                        one.at("/id").asText(),
                        List.of(
                                one.at("/composition/prompt").asText(),
                                one.at("/composition/predicted").asText(),
                                one.at("/known").asText())));
        return outcomes;
    }

    @Test
    void findExplainsTheFailuresOfAnMquakeFileAndHandsTheFileOn() {
        Path findings = folder.resolve("findings.json");
        JsonNode document = patch("find", "--suite", mquake, "--relations", RELATIONS, "--output", findings, "--json")
                .succeeded()
                .json();
        List<String> failing = new ArrayList<>();
        document.at("/failures").forEach(failure -> {
            failing.add(failure.at("/id").asText());
            assertThat(failure.at("/diagnosis").asText()).isNotEmpty();
        });
        assertThat(failing)
                .isNotEmpty()
                .isSubsetOf(cases.stream().map(CompositionalCase::id).toList());
        assertThat(document.at("/asked/suite").asText()).isEqualTo(mquake.toString());
    }

    @Test
    void singleFactsOfCounterFactAreKnownOrNotAndHaveNothingToCompose() {
        JsonNode report = eval(counterFact);
        assertThat(report.at("/deciding/counts/cases").asInt()).isPositive();
        assertThat(report.at("/deciding/counts/known").asInt())
                .as("the default model knows its facts")
                .isEqualTo(report.at("/deciding/counts/cases").asInt());
        assertThat(report.at("/deciding/protocol").asText()).contains("bare cloze");
        Path findings = folder.resolve("single.json");
        CommandRun run = patch("find", "--suite", counterFact, "--relations", RELATIONS, "--output", findings);
        assertThat(run.succeeded().out()).contains("single facts: nothing is composed");
    }

    @Test
    void questionsOfZsReAreAskedAsQuestionsWithoutBeingTold() {
        JsonNode report = eval(zsRe);
        assertThat(report.at("/deciding/protocol").asText()).contains("bare question");
        assertThat(report.at("/deciding/counts/known").asInt())
                .isEqualTo(report.at("/deciding/counts/cases").asInt())
                .isPositive();
        patch("eval", "--suite", zsRe, "--relations", RELATIONS, "--form", "cloze")
                .refused("no prompt of the protocol's form", "--form");
    }

    @Test
    void aDataSetIsComposedToASuiteOfOurs() throws IOException {
        Path suite = folder.resolve("composed.jsonl");
        patch("cases", "compose", "--suite", mquake, "--relations", RELATIONS, "--output", suite)
                .succeeded();
        assertThat(Files.readAllLines(suite)).hasSize(cases.size());
        assertThat(outcomes(eval(suite))).isEqualTo(outcomes(eval(mquake)));
    }

    @Test
    void aRegressionSuiteIsMadeOfADataSet() throws IOException {
        Path guard = folder.resolve("guard.yaml");
        patch("guard", "init", "--suite", counterFact, "--relations", RELATIONS, "--out", guard)
                .succeeded();
        assertThat(Files.readString(guard)).contains(cases.get(0).hops().get(0).object());
        patch("guard", "run", "--suite", guard).succeeded();
    }

    @Test
    void casesThatNoRelationSaysAreRefusedWithTheReasons() {
        patch("eval", "--suite", mquake).refused("no cases", "all refused", "a hop's relation has no sentences");
    }

    /** Two chains of people, countries and capitals as own lines without prompts. */
    private Path twoChains() throws IOException {
        String hop = "{\"subject\": \"%s\", \"relation\": \"%s\", \"object\": \"%s\"}";
        StringBuilder lines = new StringBuilder();
        for (List<String> chain : List.of(List.of("Ada", "Norland", "Orvik"), List.of("Ben", "Sudmark", "Pelm"))) {
            lines.append("{\"hops\": [")
                    .append(hop.formatted(chain.get(0), "P27", chain.get(1)))
                    .append(", ")
                    .append(hop.formatted(chain.get(1), "P36", chain.get(2)))
                    .append("]}\n");
        }
        return Files.writeString(folder.resolve("two.jsonl"), lines);
    }

    private Path demonstration(String sentence) throws IOException {
        return Files.writeString(
                folder.resolve("few-shot.yaml"),
                "prefixes:\n  - id: one\n    form: cloze\n    demonstrations:\n      - " + sentence + "\n");
    }

    @Test
    void casesThatADemonstrationNamesAreLeftOutWithARemark() throws IOException {
        CommandRun run = patch(
                "eval",
                "--model",
                TINY,
                "--suite",
                twoChains(),
                "--few-shot",
                "one",
                "--few-shot-file",
                demonstration("The capital of Norland is big."),
                "--json");
        assertThat(run.succeeded().json().at("/deciding/cases/0/id").asText()).isEqualTo("P27-P36:ben");
        assertThat(run.json().at("/deciding/counts/cases").asInt()).isEqualTo(1);
        assertThat(run.err()).contains("1 of 2 cases are left out", "the demonstrations of one name something of them");
    }

    @Test
    void demonstrationsThatNameSomethingOfEveryCaseAreRefused() throws IOException {
        patch(
                        "eval",
                        "--model",
                        TINY,
                        "--suite",
                        twoChains(),
                        "--few-shot",
                        "one",
                        "--few-shot-file",
                        demonstration("The capital of Norland is not Pelm."))
                .refused("demonstrations that give answers away", "all 2 cases", "--few-shot none");
    }

    @Test
    void theUsualDemonstrationsAreLeftOutWhereTheyWouldFillTheContext() throws IOException {
        CommandRun run = patch("eval", "--model", TINY, "--suite", twoChains(), "--json");
        assertThat(run.succeeded().json().at("/deciding/protocol").asText()).contains("bare cloze");
        assertThat(run.err()).contains("prompts have no demonstrations", "more than half of the model's context of 64");
    }
}

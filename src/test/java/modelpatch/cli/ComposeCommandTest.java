package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComposeCommandTest {
    private static final String HEADER = "subject\trelation\trelation_label\tobject\n";
    private static final String FACTS = HEADER
            + "Ada\tP27\tcountry of citizenship\tNorland\n"
            + "Ben\tP27\tcountry of citizenship\tSudland\n"
            + "Norland\tP36\tcapital\tOrvik\n"
            + "Sudland\tP36\tcapital\tPelm\n"
            + "Norland\tP30\tcontinent\tEurope\n";

    @TempDir
    Path folder;

    private Path facts(String text) throws IOException {
        return Files.writeString(folder.resolve("facts.tsv"), text);
    }

    @Test
    void countsAreThoseOfTheFacts() throws IOException {
        JsonNode document = patch("cases", "compose", "--facts", facts(FACTS), "--json")
                .succeeded()
                .json();
        assertThat(document.at("/counts/facts").asInt()).isEqualTo(5);
        assertThat(document.at("/counts/chains").asInt()).isEqualTo(3);
        assertThat(document.at("/counts/cases").asInt()).isEqualTo(3);
        assertThat(document.at("/counts/refused/answer_in_prompt").asInt()).isZero();
        assertThat(document.at("/template_overlap").asInt()).isZero();
        assertThat(document.at("/examples")).hasSize(3);
        JsonNode example = StreamSupport.stream(document.at("/examples").spliterator(), false)
                .filter(one -> one.get("id").asText().equals("P27-P36:ada"))
                .findFirst()
                .orElseThrow();
        assertThat(example.get("prompt").asText()).isEqualTo("The capital of the country of citizenship of Ada is");
        assertThat(example.get("guide").asText()).isEqualTo("The capital of Norland is");
        assertThat(example.get("bridge").asText()).isEqualTo("Norland");
        assertThat(example.get("answer").asText()).isEqualTo("Orvik");
    }

    @Test
    void aWrittenSuiteReadsBackToTheSameSuite() throws IOException {
        Path suite = folder.resolve("suite.jsonl");
        CommandRun run = patch("cases", "compose", "--facts", facts(FACTS), "--output", suite);
        assertThat(run.succeeded().out()).contains("as composed", "written: " + suite, "--suite " + suite);
        assertThat(Files.readAllLines(suite)).hasSize(3);
        Path again = folder.resolve("again.jsonl");
        patch("cases", "compose", "--suite", suite, "--output", again).succeeded();
        assertThat(again).hasSameTextualContentAs(suite);
    }

    @Test
    void refusalsAreCountedByReason() throws IOException {
        Path facts = facts(
                FACTS + "Cleo\tP27\tcountry of citizenship\tNorland\nCleo\tP27\tcountry of citizenship\tSudland\n");
        CommandRun run = patch("cases", "compose", "--facts", facts);
        assertThat(run.succeeded().out())
                .contains("subjects and relations with two objects, refused       1")
                .contains("- a hop's subject and relation have two objects");
    }

    @Test
    void aSampleAndACapLeaveCasesOut() throws IOException {
        Path facts = facts(FACTS);
        assertThat(patch("cases", "compose", "--facts", facts, "--max-cases", 2, "--json")
                        .json()
                        .at("/counts/cases")
                        .asInt())
                .isEqualTo(2);
        assertThat(patch("cases", "compose", "--facts", facts, "--cap", 0.1)
                        .succeeded()
                        .out())
                .contains("n/a");
    }

    @Test
    void malformedFactsAreRefusedWithLineAndColumn() throws IOException {
        patch("cases", "compose", "--facts", facts(HEADER + "Ada\tP27\tcountry\n"))
                .refused("facts.tsv:2:3", "4 cells");
        patch("cases", "compose", "--facts", facts("subject\tobject\n")).refused("facts.tsv:1", "relation");
        patch("cases", "compose", "--facts", facts("")).refused("facts.tsv", "header");
        patch("cases", "compose", "--facts", folder.resolve("none.tsv")).refused("none.tsv");
    }

    @Test
    void malformedRelationsAreRefusedWithLineAndColumn() throws IOException {
        Path relations = Files.writeString(folder.resolve("relations.yaml"), "relations:\n  - id: P27\n    lable: x\n");
        patch("cases", "compose", "--facts", facts(FACTS), "--relations", relations)
                .refused("relations.yaml:3", "lable");
    }

    @Test
    void factsWithoutAChainAreRefused() throws IOException {
        patch("cases", "compose", "--facts", facts(HEADER + "Ada\tP27\tcountry of citizenship\tNorland\n"))
                .refused("no cases", "0 chains");
    }

    @Test
    void casesComeFromOneSource() throws IOException {
        patch("cases", "compose").refused("--facts FILE or --suite FILE", "neither");
        patch("cases", "compose", "--facts", facts(FACTS), "--suite", folder).refused("both");
    }

    @Test
    void numbersOutOfRangeAreRefused() throws IOException {
        patch("cases", "compose", "--facts", facts(FACTS), "--hops", 0).refused("--hops");
        patch("cases", "compose", "--facts", facts(FACTS), "--max-cases", 0).refused("--max-cases");
        patch("cases", "compose", "--facts", facts(FACTS), "--cap", 1.5).refused("--cap");
    }

    @Test
    void anUnwritableTargetIsRefusedAndNothingIsLeft() throws IOException {
        Path facts = facts(FACTS);
        Path target = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(target.resolve("inside"), "");
        patch("cases", "compose", "--facts", facts, "--output", target).refused("taken");
        assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void aGroupWithoutItsCommandIsBadUsage() {
        patch("cases").refused("a command is missing");
    }
}

package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import modelpatch.evaluate.EvaluationReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsSmolLm2
class EvalCommandTest {
    private static final String HEADER = "subject\trelation\trelation_label\tobject\n";
    private static final String FACTS = HEADER
            + "Stephen King\tP27\tcountry of citizenship\tUnited States of America\n"
            + "Angela Merkel\tP27\tcountry of citizenship\tGermany\n"
            + "United States of America\tP36\tcapital\tWashington, D.C.\n"
            + "Germany\tP36\tcapital\tBerlin\n";

    @TempDir
    Path folder;

    private Path facts(String text) throws IOException {
        return Files.writeString(folder.resolve("facts.tsv"), text);
    }

    @Test
    void theReportHoldsEveryCaseUnderEveryProtocolAndWhatMadeIt() throws IOException {
        Path output = folder.resolve("report.json");
        CommandRun run = patch(
                "eval",
                "--model",
                SharedModel.smolLm2(),
                "--facts",
                facts(FACTS),
                "--seed",
                7,
                "--beside",
                "scored,bare",
                "--output",
                output,
                "--json");
        JsonNode document = run.succeeded().json();
        assertThat(document.at("/deciding/counts/cases").asInt()).isEqualTo(2);
        assertThat(document.at("/deciding/counts/hop_known").size()).isEqualTo(2);
        assertThat(document.at("/deciding/protocol").asText()).startsWith("generated / cloze-5+2");
        assertThat(document.at("/beside/0/protocol").asText()).startsWith("scored / cloze-5+2");
        assertThat(document.at("/beside/1/protocol").asText()).startsWith("generated / bare cloze");
        assertThat(document.at("/deciding/cases")).hasSize(2);
        assertThat(document.at("/deciding/cases/0/composition/prompt").asText()).endsWith("Angela Merkel is");
        assertThat(document.at("/seed").asInt()).isEqualTo(7);
        assertThat(document.at("/configuration/new-tokens").asInt()).isEqualTo(24);
        assertThat(document.at("/model/digest").asText()).matches("[0-9a-f]{64}");
        assertThat(document.at("/created").asText()).isEqualTo("2026-01-02T03:04:05Z");

        EvaluationReport report = EvaluationReport.read(output);
        assertThat(report.deciding().counts().known())
                .isEqualTo(document.at("/deciding/counts/known").asInt());
    }

    @Test
    void theTableNamesProtocolGapAndNextCommand() throws IOException {
        CommandRun run = patch(
                "eval",
                "--model",
                SharedModel.smolLm2(),
                "--facts",
                facts(FACTS),
                "--beside",
                "none",
                "--new-tokens",
                12);
        assertThat(run.succeeded().out())
                .contains(
                        "generated / cloze-5+2",
                        "12 new tokens",
                        "hop 1 known",
                        "gap",
                        "95 % interval",
                        "next: patch find");
        assertThat(run.err()).contains("needs about").doesNotContain("error");
    }

    @Test
    void aReportIsComparedCaseByCaseWithAnEarlierOne() {
        Path earlier = folder.resolve("earlier.json");
        Object[] eval = {"eval", "--max-cases", 30, "--beside", "none", "--json", "--output", earlier};
        JsonNode alone = patch(eval).succeeded().json();
        JsonNode compared = patch("eval", "--max-cases", 40, "--beside", "none", "--against", earlier, "--json")
                .succeeded()
                .json();
        assertThat(alone.has("comparison")).isFalse();
        assertThat(compared.at("/deciding/cases")).hasSize(40);
        assertThat(compared.at("/configuration").has("against")).isFalse();
        JsonNode composition = compared.at("/comparison/sets/composition");
        assertThat(composition.at("/n11").asInt() + composition.at("/n00").asInt())
                .isEqualTo(compared.at("/comparison/cases").asInt())
                .isPositive();
        assertThat(composition.at("/n01").asInt() + composition.at("/n10").asInt())
                .isZero();
        assertThat(patch("eval", "--max-cases", 30, "--beside", "none", "--against", earlier)
                        .succeeded()
                        .out())
                .contains("against the earlier report, the same 30 cases", "became wrong");
        patch("eval", "--max-cases", 30, "--new-tokens", 3, "--against", earlier)
                .refused("numbers of two protocols");
    }

    @Test
    void ctrlCKeepsTheCasesThatWereReached() throws IOException {
        Interruption interruption = new Interruption();
        interruption.request();
        Path output = folder.resolve("report.json");
        CommandRun run = patch(
                interruption, "eval", "--model", SharedModel.smolLm2(), "--facts", facts(FACTS), "--output", output);
        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.out())
                .contains("interrupted", "written: " + output, " --resume  # goes on where this was ended");
        assertThat(EvaluationReport.read(output).deciding().complete()).isFalse();
    }

    @Test
    void whatIsNotDoneInPiecesIsNeitherResumedNorShared() {
        patch("eval", "--max-cases", 3, "--anchor", "--resume").refused("--resume: nothing to resume or to share");
    }

    @Test
    void demonstrationsThatWouldGiveAnswersAwayAreOthersThanUsual() throws IOException {
        Path facts = facts(FACTS + "Kenya\tP36\tcapital\tNairobi\n");
        CommandRun run = patch("eval", "--model", SharedModel.smolLm2(), "--facts", facts);
        assertThat(run.succeeded().err()).contains("1 of 7 demonstrations of cloze-5+2 are others than usual");
    }

    @Test
    void unknownDemonstrationsAreRefused() throws IOException {
        patch("eval", "--model", SharedModel.smolLm2(), "--facts", facts(FACTS), "--few-shot", "cloze-99")
                .refused("--few-shot cloze-99", "cloze-5+2");
    }

    @Test
    void unknownProtocolsAreRefused() throws IOException {
        patch("eval", "--model", SharedModel.smolLm2(), "--facts", facts(FACTS), "--protocol", "guessed")
                .refused("--protocol", "guessed");
        patch("eval", "--model", SharedModel.smolLm2(), "--facts", facts(FACTS), "--beside", "guessed")
                .refused("--beside", "guessed");
    }

    @Test
    void aPatchThatIsNoneIsRefused() throws IOException {
        patch("eval", "--model", SharedModel.smolLm2(), "--facts", facts(FACTS), "--patch", facts(FACTS))
                .refused("facts.tsv");
    }
}

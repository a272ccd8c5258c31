package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import modelpatch.locate.Findings;
import modelpatch.locate.FindingsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On facts that SmolLM2 knows one by one and does not compose: asked for the capital of someone's country, it names the country. */
@NeedsSmolLm2
class FindCommandTest {
    private static final String FACTS = """
            subject\trelation\trelation_label\tobject
            Alain Giresse\tP27\tcountry of citizenship\tFrance
            Shigeru Miyamoto\tP27\tcountry of citizenship\tJapan
            France\tP36\tcapital\tParis
            Japan\tP36\tcapital\tTokyo
            """;

    @TempDir
    Path folder;

    private Path facts() throws IOException {
        return Files.writeString(folder.resolve("facts.tsv"), FACTS);
    }

    @Test
    void theDocumentHoldsCountsGapHeadsAndEveryFailureWithItsEvidence() throws IOException {
        Path output = folder.resolve("findings.json");
        JsonNode document = patch(
                        "find", "--model", SharedModel.smolLm2(), "--facts", facts(), "--output", output, "--json")
                .succeeded()
                .json();
        assertThat(document.at("/model/name").asText()).isEqualTo("SmolLM2-135M-Instruct.Q4_1.gguf");
        assertThat(document.at("/model/digest").asText()).matches("[0-9a-f]{64}");
        assertThat(document.at("/model/architecture").asText()).isEqualTo("llama");
        assertThat(document.at("/model/parameters").asLong()).isEqualTo(134_515_008);
        assertThat(document.at("/protocol").asText()).startsWith("generated / cloze-5+2");
        assertThat(document.at("/counts/cases").asInt()).isEqualTo(2);
        assertThat(document.at("/counts/hop_known/hop1/successes").asInt()).isEqualTo(2);
        assertThat(document.at("/counts/known").asInt()).isEqualTo(2);
        assertThat(document.at("/counts/composed").asInt()).isZero();
        assertThat(document.at("/counts/failures").asInt()).isEqualTo(2);
        assertThat(document.at("/gap").asDouble()).isEqualTo(1);
        assertThat(document.at("/complete").asBoolean()).isTrue();
        assertThat(document.at("/bare_counts/cases").asInt()).isEqualTo(2);
        assertThat(document.at("/planted").isNull()).isTrue();

        JsonNode failure = StreamSupport.stream(document.at("/failures").spliterator(), false)
                .filter(one -> one.at("/id").asText().equals("P27-P36:alain-giresse"))
                .findFirst()
                .orElseThrow();
        assertThat(failure.at("/prompt").asText())
                .isEqualTo("The capital of the country of citizenship of Alain Giresse is");
        assertThat(failure.at("/guide").asText()).isEqualTo("The capital of France is");
        assertThat(failure.at("/bridge").asText()).isEqualTo("France");
        assertThat(failure.at("/answer").asText()).isEqualTo("Paris");
        assertThat(failure.at("/predicted").asText()).startsWith("France");
        assertThat(failure.at("/diagnosis").asText()).isEqualTo("stops at the bridge");
        assertThat(failure.at("/evidence/best_rank").asInt()).isPositive();
        assertThat(document.at("/seconds/evaluation").isNumber()).isTrue();
        assertThat(document.at("/file").asText()).isEqualTo(output.toString());

        JsonNode file = new JsonMapper().readTree(output.toFile());
        assertThat(file.at("/failures")).isEqualTo(document.at("/failures"));
        assertThat(file.at("/heads")).isEqualTo(document.at("/heads"));
    }

    @Test
    void aReaderSeesGapDiagnosisHeadsFileAndNextCommand() throws IOException {
        Path output = folder.resolve("findings.json");
        CommandRun run = patch(
                "find", "--model", SharedModel.smolLm2(), "--facts", facts(), "--output", output, "--max-mediated", 1);
        assertThat(run.succeeded().out())
                .contains("every hop known: 2 cases, of which 0 compose")
                .contains("compositionality gap: 100.0 % (2 of 2), 95 % interval")
                .containsPattern(
                        "without demonstrations: \\d of these 2 cases have every hop known, of which \\d compose")
                .contains("instead of the answer:\n       2  the bridge itself, where the first hop ends\n")
                .contains("stops at the bridge, 100.0 % (2 of 2)")
                .contains("The capital of the country of citizenship of Alain Giresse is -> France")
                .contains("remedy: ")
                .contains("logit lens: 0 right cases are too few")
                .contains("written: " + output, "\nnext: patch show --case P27-P36:");
    }

    @Test
    void ctrlCBeforeTheFirstQuestionLeavesFindingsThatSaySo() throws IOException {
        Interruption interruption = new Interruption();
        interruption.request();
        Path output = folder.resolve("findings.json");
        CommandRun run =
                patch(interruption, "find", "--model", SharedModel.smolLm2(), "--facts", facts(), "--output", output);
        assertThat(run.exitCode()).isEqualTo(130);
        assertThat(run.out()).contains("interrupted", "written: " + output);
        Findings findings = FindingsFile.read(output);
        assertThat(findings.complete()).isFalse();
        assertThat(findings.failures()).isEmpty();
    }

    @Test
    void aTargetThatCannotBeWrittenIsRefused() throws IOException {
        Path taken = Files.createDirectory(folder.resolve("taken"));
        Files.writeString(taken.resolve("inside"), "");
        Interruption interruption = new Interruption();
        interruption.request();
        patch(interruption, "find", "--model", SharedModel.smolLm2(), "--facts", facts(), "--output", taken)
                .refused("taken");
        assertThat(taken.resolve("inside")).exists();
    }
}

package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.patch.Ledger;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The patch that comes with the project still belongs to the model that comes with it. */
class ExamplePatchTest {
    private static final Path EXAMPLE = Path.of("patches", "example");

    private static Path file() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLE)) {
            return files.filter(path -> path.toString().endsWith(PatchFile.SUFFIX))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void itFitsTheDefaultModelAndGivesTheTensorsThatItPromises() throws IOException {
        WeightPatch patch = PatchFile.read(file());
        try (Checkpoint base = Checkpoint.open(Path.of("models", "default"))) {
            assertThat(patch.baseDigest()).isEqualTo(base.digest());
            // weights() compares every edited tensor with the base's digest and the patched one with the promised
            // digest
            assertThat(PatchStack.of(List.of(patch)).weights(base)).hasSameSizeAs(patch.tensors());
        }
    }

    @Test
    void itsLedgerIsWholeAndTellsOfIt() throws IOException {
        assertThat(Ledger.at(EXAMPLE.resolve("ledger.jsonl")).entries())
                .singleElement()
                .satisfies(line -> assertThat(line.details().path("patch").asText())
                        .isEqualTo(PatchFile.read(file()).id()));
    }

    @Test
    void itsEvidenceHasParaphrasesAndSiblingsRepaired() throws IOException {
        var sets = PatchFile.read(file()).provenance().evidence().path("sets");
        for (String set : List.of("correction", "paraphrase", "siblings")) {
            int repaired = sets.path(set).path("n01").asInt();
            int left = sets.path(set).path("n00").asInt();
            assertThat(repaired).as(set).isPositive().isGreaterThan(3 * left);
        }
        for (String set : List.of("specificity_relation", "specificity_random", "hops")) {
            assertThat(sets.path(set).path("n10").asInt(-1)).as(set).isZero();
        }
    }

    @Test
    void theCommandsOfItsReadmeRun(@TempDir Path folder) throws IOException {
        String readme = Files.readString(Path.of("patches", "README.md"));
        List<String> commands = readme.substring(0, readme.indexOf("It was made by"))
                .lines()
                .filter(line -> line.startsWith("    ./patch "))
                .map(line -> line.replaceFirst(".*?patch ", "")
                        .replace("target/example-model", folder.resolve("model").toString()))
                .toList();
        assertThat(commands).hasSizeGreaterThan(5);
        StringBuilder said = new StringBuilder();
        for (String command : commands) {
            String out = patch(words(command).toArray()).succeeded().out();
            assertThat(out).as(command).isNotBlank();
            said.append(out);
        }
        assertThat(said).contains("goes on with: Drasish", "goes on with: Lelmish", "all hold", "none was changed");
    }

    /** As a shell cuts them, double quotes around what belongs together. */
    private static List<String> words(String command) {
        return Pattern.compile("\"([^\"]*)\"|\\S+")
                .matcher(command)
                .results()
                .map(word -> word.group(1) == null ? word.group() : word.group(1))
                .toList();
    }
}

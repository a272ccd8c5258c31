package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.edit.TinyWorld;
import modelpatch.patch.PatchFile;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fact that a model does not know becomes a patch, by one command and without findings. */
class FactCommandTest {
    @TempDir
    static Path shared;

    private static TinyWorld world;
    private static Fact known;
    private static String unknown;

    @TempDir
    Path folder;

    @BeforeAll
    static void write() throws IOException {
        System.setProperty("modelpatch.cache", shared.resolve("cache").toString());
        world = TinyWorld.at(shared.resolve("world"));
        known = FactTable.read(world.facts()).facts().get(0);
        String object = known.object().equals("nbb") || known.subject().equals("nbb") ? "nbc" : "nbb";
        unknown = known.subject() + " | " + known.relationLabel() + " | " + object;
    }

    private CommandRun teach(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of(
                "apply",
                "--model",
                world.model(),
                "--facts",
                world.facts(),
                "--relations",
                world.relations(),
                "--few-shot",
                "none",
                "--new-tokens",
                "4",
                "--threads",
                "1",
                "--findings",
                folder.resolve("none.json"),
                "--per-set",
                "4",
                "--evidence",
                "0",
                "--patches",
                folder.resolve("patches")));
        arguments.addAll(List.of(more));
        return patch(arguments.toArray());
    }

    private static String digest() {
        try (Checkpoint checkpoint = Checkpoint.open(world.model())) {
            return checkpoint.digest();
        }
    }

    @Test
    void aFactBecomesAPatchWithItsEvidenceThatCanBeTakenOffAgain() {
        String before = digest();
        JsonNode document = teach(
                        "--gates",
                        TinyWorld.OPEN_GATES,
                        "--fact",
                        unknown,
                        "--method",
                        "lora",
                        "--layers",
                        "0,1",
                        "--json")
                .succeeded()
                .json();
        assertThat(document.at("/taught/0/fact").asText()).isEqualTo(unknown);
        assertThat(document.at("/taught/0/before").asText()).isNotBlank();
        assertThat(document.at("/taught/0/after").asText()).isNotBlank();
        assertThat(document.path("known")).isEmpty();
        JsonNode sets = document.at("/repair/sets");
        // paraphrases by the relation's test templates, neighbours of the relation, other facts of the subject
        for (String set : List.of("paraphrase", "specificity_relation", "specificity_random", "hops")) {
            JsonNode one = sets.path(set);
            assertThat(one.path("n11").asInt()
                            + one.path("n10").asInt()
                            + one.path("n01").asInt()
                            + one.path("n00").asInt())
                    .as(set)
                    .isPositive();
        }
        Path file = Path.of(document.at("/repair/patches/0/file").asText());
        WeightPatch written = PatchFile.read(file);
        assertThat(written.provenance().method()).isEqualTo("lora");
        assertThat(written.provenance().reason()).isEqualTo("teaches " + unknown);
        assertThat(written.provenance().cases()).containsExactly(known.relation() + ":" + known.subject());
        Path patches = folder.resolve("patches");
        assertThat(patch("log", "--patches", patches).succeeded().out()).contains("teaches " + unknown);
        assertThat(digest()).isEqualTo(before);
        patch("revert", written.shortId(), "--patches", patches).succeeded();
        assertThat(patch("log", "--patches", patches).succeeded().out()).contains("revert");
    }

    @Test
    void everyMethodThatIsToldAnswersTeachesAndSaysWhatTheModelSaysNow() {
        for (String method : List.of("rome", "memit", "alphaedit", "rlsedit")) {
            CommandRun run =
                    teach("--gates", TinyWorld.OPEN_GATES, "--fact", unknown, "--method", method, "--layers", "0,1");
            assertThat(run.exitCode()).as(run.err()).isZero();
            assertThat(run.out())
                    .contains("taught: " + unknown, "; with the patch: ", method + " on W_down L0 L1", "written: ");
        }
    }

    @Test
    void severalFactsGetOnePatch() {
        String second = known.subject().equals("nba") ? "nbe" : "nba";
        String third = known.object().equals("nbd") ? "nbf" : "nbd";
        CommandRun run = teach(
                "--gates",
                TinyWorld.OPEN_GATES,
                "--method",
                "rlsedit",
                "--layers",
                "0,1",
                "--fact",
                unknown,
                "--fact",
                second + " | " + known.relation() + " | " + third,
                "--json");
        JsonNode patches = run.succeeded().json().at("/repair/patches");
        assertThat(patches).hasSize(1);
        assertThat(patches.at("/0/cases")).hasSize(2);
    }

    @Test
    void aFactThatIsKnownAlreadyNeedsNoPatchAndSaysSo() {
        CommandRun run = teach("--fact", known.subject() + "|" + known.relation() + "|" + known.object());
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("known already: ", "nothing to teach");
        assertThat(folder.resolve("patches")).doesNotExist();
    }

    @Test
    void whatIsNoFactIsRefusedInOneMessage() {
        refused("expected \"subject | relation | object\", found 2 parts", "--fact", "naa | home");
        refused("found an empty part", "--fact", "naa | | nab");
        refused("no such relation", "--fact", "naa | mother | nab");
        refused("not the subject", "--fact", "naa | home | NAA");
        refused("two objects of one fact", "--fact", "naa | home | nab", "--fact", "naa | home | nac");
        refused("teaches no facts", "--fact", unknown, "--method", "creme-paper");
        refused("facts and failures at once", "--fact", unknown, "--each");
        refused("facts and failures at once", "--fact", unknown, "--case", "x");
    }

    private void refused(String message, Object... arguments) {
        CommandRun run = teach(arguments);
        assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
        assertThat(run.err().lines().filter(line -> line.startsWith("error: "))).hasSize(1);
        assertThat(run.err()).contains(message);
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aModelWithoutFactsBesideIsAskedForSome() {
        CommandRun run = patch("apply", "--model", world.model(), "--fact", unknown);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--facts FILE");
    }
}

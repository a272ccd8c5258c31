package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.SuiteSplit;
import modelpatch.train.World;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --labels slow}: found, repaired and gated by the model's own answers. */
class SlowToFastCommandTest {
    @TempDir
    Path folder;

    @Test
    void aPatchThatLearnedFromSlowAnswersStandsBesideItsCeiling() {
        System.setProperty("modelpatch.cache", folder.resolve("cache").toString());
        Path findings = folder.resolve("findings.json");
        CommandRun found =
                patch("find", "--labels", "slow", "--max-cases", 80, "--max-mediated", 2, "--output", findings);
        assertThat(found.succeeded().err())
                .as("found by its own answers too")
                .containsPattern("\\d+ of \\d+ cases have an answer of the model's own");
        assertThat(patch("apply", "--findings", findings, "--max-cases", 79).exitCode())
                .as("cases other than those of the findings")
                .isEqualTo(2);
        CommandRun run = patch(
                "apply",
                "--findings",
                findings,
                "--most",
                1,
                "--method",
                "creme-paper",
                "--layers",
                "3,4",
                "--per-set",
                2,
                "--gates",
                "src/test/resources/remedy/open-gates.yaml",
                "--patches",
                folder.resolve("patches"),
                "--json");
        JsonNode document = run.succeeded().json();
        JsonNode slow = document.at("/slow_to_fast/slow");
        JsonNode patched = document.at("/slow_to_fast/patched");
        // the model's own answers are those of its world, but the seed draws the sides of its own suite
        CaseSuite gold = World.read(Path.of("models/default")).asked().suite();
        int chose = gold.answeredBy(
                        one -> Optional.of(
                                one.hops().stream().map(hop -> hop.object()).toList()),
                        1)
                .cases(SuiteSplit.CHOOSE)
                .size();
        assertThat(total(slow))
                .as("asked: the report side of its own suite")
                .isBetween(gold.cases().size() - chose - 2, gold.cases().size() - chose + 2);
        assertThat(total(patched)).isEqualTo(total(slow));
        assertThat(patched.at("/n01").asInt())
                .as("the edited case is among them")
                .isPositive();
        assertThat(slow.at("/n01").asInt()).as("what slow thinking corrects").isPositive();
        assertThat(document.at("/verdict").asText()).isEqualTo("passed");
    }

    private static int total(JsonNode pairs) {
        return List.of("n11", "n10", "n01", "n00").stream()
                .mapToInt(count -> pairs.at("/" + count).asInt())
                .sum();
    }
}

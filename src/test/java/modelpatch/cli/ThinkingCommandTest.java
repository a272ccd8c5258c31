package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code patch eval --decouple} and {@code --anchor}, on the embedded model. */
class ThinkingCommandTest {
    @TempDir
    Path folder;

    /** The default model knows every hop: asked step by step it composes. */
    @Test
    void thinkingCorrectsFailingCompositionsOfTheDefaultModelAndBreaksNearlyNothing() {
        JsonNode one = patch("eval", "--decouple", "--max-cases", 150, "--json")
                .succeeded()
                .json()
                .at("/decoupled/0");
        JsonNode known = one.at("/known");
        assertThat(known.at("/r_C").asDouble()).isGreaterThanOrEqualTo(0.6);
        assertThat(known.at("/r_O").asDouble()).isLessThanOrEqualTo(0.05);
        JsonNode all = one.at("/all");
        assertThat(all.at("/n01").asInt() + all.at("/n00").asInt()).isGreaterThan(40);
        assertThat(all.at("/slow/successes").asInt() - all.at("/fast/successes").asInt())
                .isEqualTo(all.at("/n01").asInt() - all.at("/n10").asInt());
        int byRelation = 0;
        for (JsonNode relation : one.at("/by_relation")) {
            byRelation += relation.at("/fast/n").asInt();
        }
        assertThat(byRelation).isEqualTo(150);
        assertThat(one.at("/items")).hasSize(150);
    }

    @Test
    void candidatesAreRankedAndSeveralModelsStandBySize() {
        CommandRun run = patch(
                "eval",
                "--decouple",
                "--reading",
                "ranked",
                "--max-cases",
                20,
                "--also-model",
                "default",
                "--slow",
                "self-ask,self-ask-2");
        assertThat(run.succeeded().out())
                .contains("slow self-ask-2, answers ranked", "known: scored", "should it think?", "delta_C");
        assertThat(run.out().split("million parameters", -1)).hasSize(5);
    }

    @Test
    void hintsAreAskedInBothModes() throws IOException {
        Path report = folder.resolve("anchors.json");
        CommandRun run = patch("eval", "--anchor", "--max-cases", 20, "--output", report);
        assertThat(run.succeeded().out()).contains("hint: {hint}.", "shortcut", "pull", "written: " + report);
        assertThat(Files.readString(report)).contains("\"irrelevant\"", "\"bridge\"");
    }

    @Test
    void lettersThatAVocabularyLacksAreRefused() {
        patch("eval", "--decouple", "--reading", "letters", "--max-cases", 5)
                .refused("letters that the vocabulary does not have", "use --reading ranked");
    }

    @Test
    void wrongWishesAreRefused() throws IOException {
        patch("eval", "--decouple", "--anchor").refused("two questions at once");
        patch("eval", "--decouple", "--slow", "dreaming").refused("no such slow mode", "self-ask, self-ask-2, chain");
        Path plan = Files.writeString(
                folder.resolve("plan.yaml"),
                "fast: {id: f, kind: direct, prompt: no slot}\nslow: []\nhints: []\nletters: {}\n");
        patch("eval", "--decouple", "--thinking", plan).refused("plan.yaml:1", "a prompt that asks nothing");
        Files.writeString(plan, "fast: {id: f, kind: direct, prompt: '{prompt}'}\nslow: []\nhints: []\nletters: {}\n");
        patch("eval", "--decouple", "--thinking", plan).refused("no slow mode");
    }
}

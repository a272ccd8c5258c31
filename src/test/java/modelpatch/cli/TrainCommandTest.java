package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    @TempDir
    Path folder;

    private Path config;

    @BeforeEach
    void writeConfig() throws IOException {
        config = Files.writeString(folder.resolve("tiny.yaml"), """
                name: tiny
                seed: 3
                threads: 1
                world:
                  relations: %s
                  firstHopNever: 0.2
                  secondHopNever: 0.2
                  taughtShare: 0.8
                  kinds:
                    - kind: city
                      invented: {count: 3, endings: [ton, wick]}
                      facts: [colour]
                    - kind: resident
                      invented: {count: 4, given: [Arlo, Mira], endings: [en, ock]}
                      facts: [city]
                    - kind: colour
                      words: [red, blue, green]
                model: {layers: 2, width: 16, heads: 2, mlp: 24, context: 48, ropeBase: 10000}
                lessons: {sequences: 2, length: 24, composedShare: 0.5, promptWeight: 0.02, auxiliaryWeight: 0.3, auxiliaryLayer: 0, auxiliaryShare: 1}
                schedule: {learningRate: 4e-3, warmup: 2, floor: 0.05, steps: 6, evaluateEvery: 3, checkpointEvery: 2}
                stop: {singles: 0.99, taught: 0.99, gapLow: 0.3, gapHigh: 0.6, fewestSteps: 1, sample: 4}
                """.formatted(
                        Path.of("configs", "world-relations.yaml").toAbsolutePath()));
    }

    @Test
    void aRunThatDoesNotMeetItsRuleIsWrittenAndEndsWithOne() {
        CommandRun run = patch("train", "--config", config, "--out", folder.resolve("tiny"), "--json");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        JsonNode document = run.json();
        assertThat(document.get("steps").asInt()).isEqualTo(6);
        assertThat(document.get("stopped_by_rule").asBoolean()).isFalse();
        assertThat(document.at("/exam/facts").asInt()).isEqualTo(7);
        assertThat(document.at("/shares/gap").isNull()).isTrue();
        assertThat(folder.resolve("tiny/model.safetensors")).exists();
        assertThat(run.err()).contains("step 3: loss ", "step 6: loss ");
    }

    @Test
    void seedNameAndThreadsOfTheCommandLineReplaceThoseOfTheFile() throws IOException {
        patch("train", "--config", config, "--out", folder.resolve("a"), "-q");
        patch("train", "--config", config, "--out", folder.resolve("b"), "-q", "--seed", 8, "--name", "second");

        assertThat(folder.resolve("a/recipe.yaml")).content().contains("seed: 3", "name: tiny");
        assertThat(folder.resolve("b/recipe.yaml")).content().contains("seed: 8", "name: second");
        assertThat(Files.mismatch(folder.resolve("a/facts.tsv"), folder.resolve("b/facts.tsv")))
                .isNotEqualTo(-1);
    }

    @Test
    void aFinishedModelIsNotReplacedUnasked() {
        Path out = folder.resolve("tiny");
        patch("train", "--config", config, "--out", out, "-q");

        patch("train", "--config", config, "--out", out).refused("a finished model is there", "--overwrite");
        assertThat(patch("train", "--config", config, "--out", out, "-q", "--overwrite")
                        .exitCode())
                .isEqualTo(1);
    }

    @Test
    void anUnknownKeyOfTheConfigurationIsRefusedByLine() throws IOException {
        Files.writeString(config, Files.readString(config).replace("seed: 3\n", "seed: 3\nsede: 4\n"));

        patch("train", "--config", config, "--out", folder.resolve("x"))
                .refused("tiny.yaml:3", "unknown key", "'sede'");
    }

    @Test
    void aRunStoppedByCtrlCGoesOnFromItsCheckpoint() throws IOException {
        Path out = folder.resolve("tiny");
        Interruption interruption = new Interruption();
        interruption.request();
        // Already requested, so the run ends after its first step: before any checkpoint.
        CommandRun stopped = patch(interruption, "train", "--config", config, "--out", out);

        assertThat(stopped.exitCode()).isNotZero();
        assertThat(out.resolve("model.safetensors")).doesNotExist();
        patch("train", "--config", config, "--out", out, "-q");
        assertThat(out.resolve("model.safetensors")).exists();
    }
}

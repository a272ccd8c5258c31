package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.edit.TinyWorld;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Guiding through the command line: an adapter of a model guides the model, and a guider is trained for the embedded one. */
class GuideCommandTest {
    @TempDir
    static Path shared;

    private static TinyWorld world;
    private static Path adapter;

    @TempDir
    Path folder;

    @BeforeAll
    static void adapt() throws IOException {
        System.setProperty("modelpatch.cache", shared.resolve("cache").toString());
        world = TinyWorld.at(shared.resolve("world"));
        String failure = world.find().failures().stream()
                .filter(one -> one.side().equals("report"))
                .findFirst()
                .orElseThrow()
                .id();
        adapter = shared.resolve("adapter");
        patch(asked(
                        "adapt",
                        "--case",
                        failure,
                        "--scope",
                        "instance",
                        "--demonstrations",
                        3,
                        "--sequences",
                        4,
                        "--learning-rate",
                        "0.02",
                        "--rank",
                        2,
                        "--save",
                        adapter))
                .succeeded();
    }

    private static Object[] asked(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of(more));
        arguments.addAll(world.options());
        return arguments.toArray();
    }

    private static CommandRun run(Object... more) {
        List<Object> arguments = new ArrayList<>(
                List.of("guide", "run", "--model", world.model(), "--prompt", "e the home of naa is", "--threads", 1));
        arguments.addAll(List.of(more));
        return patch(arguments.toArray());
    }

    @Test
    void withAlphaZeroTheTargetGoesOnAsItWouldAlone() {
        String alone = patch(
                        "logits",
                        "--model",
                        world.model(),
                        "--prompt",
                        "e the home of naa is",
                        "--last",
                        "--generate",
                        8,
                        "--json")
                .succeeded()
                .json()
                .at("/generated/ids")
                .toString();
        JsonNode still = run(
                        "--guider-base",
                        world.model(),
                        "--guider",
                        adapter,
                        "--alpha",
                        0,
                        "--max-new-tokens",
                        8,
                        "--past-end",
                        "--json")
                .succeeded()
                .json();
        assertThat(still.path("generated").toString()).isEqualTo(alone);
    }

    @Test
    void sampledTextFollowsTheSeed() {
        List<String> texts = new ArrayList<>();
        for (int seed : new int[] {1, 1, 2}) {
            texts.add(run(
                            "--guider-base",
                            world.model(),
                            "--guider",
                            adapter,
                            "--temperature",
                            2,
                            "--top-p",
                            0.95,
                            "--seed",
                            seed,
                            "--past-end")
                    .succeeded()
                    .out());
        }
        assertThat(texts.get(0)).isEqualTo(texts.get(1)).isNotEqualTo(texts.get(2));
    }

    @Test
    void theStudyAsksTargetGuiderAndBothTogetherTheSameQuestions() {
        JsonNode document = patch(asked(
                        "guide",
                        "eval",
                        "--guider-base",
                        world.model(),
                        "--guider",
                        adapter,
                        "--placebo",
                        adapter,
                        "--json"))
                .succeeded()
                .json();
        assertThat(document.path("remedies").fieldNames())
                .toIterable()
                .containsExactly("target", "guided", "guider", "placebo", "slow");
        JsonNode target = document.at("/remedies/target/pairs");
        assertThat(target.path("n01").asInt() + target.path("n10").asInt()).isZero();
        int asked =
                document.path("failures").asInt() + document.path("controls").asInt();
        assertThat(document.path("items")).hasSize(asked);
        assertThat(document.at("/remedies/placebo/right"))
                .as("the same adapter in another place")
                .isEqualTo(document.at("/remedies/guided/right"));
        patch(asked("guide", "eval", "--guider-base", world.model(), "--guider", adapter, "--most", 2))
                .exitsWith(0, "target tiny", "no weight was changed");
    }

    @Test
    void badInputIsOneMessage() throws IOException {
        run("--guider-base", world.model(), "--guider", adapter, "--alpha", "strong")
                .refused("alpha is no number", "strong");
        run("--guider-base", world.model(), "--guider", adapter, "--alpha", "NaN")
                .refused("alpha is no number");
        run("--guider-base", world.model(), "--guider", adapter, "--warm-up", -1)
                .refused("--warm-up");
        run("--guider-base", world.model(), "--guider", folder.resolve("none")).refused("no such guider");
        run("--guider-base", "default", "--guider", "models/default")
                .refused("guider of another vocabulary", "is '<unk>' and '<bos>'", "--map-tokens");
        run("--guider-base", "default", "--guider", adapter).refused("use the model that the patch was made for");
        assertThat(patch("guide").exitCode()).isEqualTo(2);
        patch("guide", "train", "--model", world.model(), "--out", folder.resolve("run"))
                .refused("world");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    /** A few steps of everything; whether it helps is measured in docs/results.md. */
    @Test
    void aGuiderItsPlaceboAndItsPreferencesAreTrainedForTheEmbeddedModel() throws IOException {
        Path recipe = Files.writeString(folder.resolve("guider.yaml"), """
                seed: 0
                threads: 1
                model: {layers: 2, width: 16, heads: 2, mlp: 32, context: 256, ropeBase: 10000}
                worlds: {redrawEvery: 2}
                base: {steps: 4, sequences: 4, length: 40, composedShare: 0.5, linkedShare: 0.4, learningRate: 4e-3, checkpointEvery: 2}
                guider: {rank: 4, alpha: 8, steps: 3, sequences: 8, chainShare: 0.75, learningRate: 5e-3}
                preference: {beta: 0.1, questions: 8, steps: 2, pairs: 4, learningRate: 5e-4}
                """);
        Path run = folder.resolve("run");
        JsonNode document = patch("guide", "train", "--recipe", recipe, "--out", run, "--json")
                .succeeded()
                .json();
        assertThat(document.at("/losses/base").asDouble()).isBetween(3.0, 8.0);
        assertThat(document.at("/losses/guider").asDouble()).isPositive();
        assertThat(document.at("/pairs/0").asInt())
                .as("the target knows, the guider does not")
                .isPositive();
        for (String part : List.of("guider", "placebo", "preference")) {
            assertThat(run.resolve(part).resolve("adapter_config.json")).exists();
        }
        patch("guide", "train", "--recipe", recipe, "--out", run).refused("a finished guider is there");
        patch(
                        "guide",
                        "run",
                        "--guider-base",
                        run.resolve("base"),
                        "--guider",
                        run.resolve("guider"),
                        "--prompt",
                        "The home city of Noldia is",
                        "--max-new-tokens",
                        4)
                .succeeded();
    }
}

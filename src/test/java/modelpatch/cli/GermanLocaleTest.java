package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import modelpatch.guard.GuardWorld;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands print does not hang on the language of the user's machine: German writes 0,01230, and no command does. */
class GermanLocaleTest {
    private static final Locale BEFORE = Locale.getDefault();
    private static final Pattern POINT = Pattern.compile("[0-9]\\.[0-9]");
    private static final Pattern COMMA = Pattern.compile("[0-9],[0-9]");

    @TempDir
    static Path folder;

    private static GuardWorld world;

    @BeforeAll
    static void speakGerman() throws Exception {
        world = GuardWorld.at(folder.resolve("world"));
        Locale.setDefault(Locale.GERMANY);
    }

    @AfterAll
    static void speakAsBefore() {
        Locale.setDefault(BEFORE);
    }

    private static void printsPoints(Object... arguments) {
        CommandRun run = patch(arguments);
        assertThat(run.exitCode()).as(run.err()).isLessThanOrEqualTo(1);
        assertThat(run.out()).as(run.err()).containsPattern(POINT).doesNotContainPattern(COMMA);
    }

    @Test
    void findsNumbersHavePoints() {
        printsPoints("find", "--max-cases", 30, "--max-mediated", 2, "--output", folder.resolve("findings.json"));
    }

    @Test
    void numbersOfSinglePromptsHavePoints() {
        String direct = "The main river of Virvton is";
        String composed = "The main river of the capital of Gremavia is";
        printsPoints("logits", "--prompt", direct);
        printsPoints("lens", "--prompt", composed, "--targets", "Thosane");
        printsPoints("rank", "--clean", direct, "--corrupted", composed, "--target", "Thosane");
    }

    @Test
    void numbersOfPatchesHavePoints() {
        printsPoints("show", world.goodPatch());
        printsPoints("show", world.goodPatch(), "--card");
        printsPoints("guard", "drift", "--model", world.model(), "--patch", world.goodPatch());
        printsPoints("export", "--model", world.model(), "--patch", world.goodPatch(), "--out", folder.resolve("copy"));
    }

    @Test
    void numbersOfSuitesHavePoints() throws Exception {
        printsPoints("guard", "run", "--model", world.model(), "--patch", world.goodPatch(), "--suite", world.suite());
        Path models = Files.createDirectories(folder.resolve("models"));
        Path one = Files.createDirectories(models.resolve("one"));
        for (String file : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
            Files.copy(world.model().resolve(file), one.resolve(file));
        }
        Path history = folder.resolve("history.jsonl");
        printsPoints(
                "guard",
                "watch",
                "--models",
                models,
                "--suite",
                world.suite(),
                "--base",
                world.model(),
                "--history",
                history);
    }

    @Test
    void aSuiteThatIsWrittenIsReadAgain() {
        Path suite = folder.resolve("made.yaml");
        patch("guard", "init", "--out", suite, "--most", 2, "--max-cases", 5).succeeded();
        patch("guard", "run", "--suite", suite).succeeded();
    }
}

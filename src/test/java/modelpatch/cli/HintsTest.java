package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import modelpatch.edit.TinyWorld;
import modelpatch.patch.PatchFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command that another prints as the next one works as it stands: it is run here, and so are those that it prints. */
class HintsTest {
    @TempDir
    static Path shared;

    private static TinyWorld world;

    @TempDir
    Path folder;

    @BeforeAll
    static void make() throws IOException {
        System.setProperty("modelpatch.cache", shared.resolve("cache").toString());
        world = TinyWorld.at(shared.resolve("world"));
        world.find();
    }

    /** The model with its questions, without what was found. */
    private static List<Object> asking(String... command) {
        List<Object> words = new ArrayList<>(List.of(command));
        words.addAll(List.of("--model", world.model(), "--facts", world.facts(), "--few-shot", "none"));
        words.addAll(List.of("--max-cases", "20", "--new-tokens", "4", "--threads", "1"));
        return words;
    }

    private static List<CommandRun> follow(CommandRun run) {
        assertThat(run.hints()).as(run.out()).isNotEmpty();
        return run.hints().stream().map(HintsTest::works).toList();
    }

    private static CommandRun works(List<String> hint) {
        assertThat(hint.get(0)).isEqualTo("patch");
        CommandRun followed = patch(hint.subList(1, hint.size()).toArray());
        assertThat(followed.exitCode())
                .as("%s%n%s%n%s", hint, followed.out(), followed.err())
                .isIn(0, 1);
        return followed;
    }

    @Test
    void fromFactsToASuiteToAnEvaluationToFindingsToAFailure() throws IOException {
        Path suite = folder.resolve("a suite.jsonl");
        follow(patch("cases", "compose", "--facts", world.facts(), "--output", suite, "--max-cases", 20)
                .succeeded());
        List<Object> compose = List.of("cases", "compose", "--facts", world.facts(), "--max-cases", 2);
        assertThat(patch(compose.toArray()).succeeded().hints().get(0))
                .containsSubsequence("patch", "eval", "--facts", world.facts().toString(), "--max-cases", "2");
        CommandRun evaluated = patch(asking("eval").toArray()).succeeded();
        assertThat(evaluated.hints().get(0))
                .contains("find", "--few-shot", world.model().toString());
        List<Object> find = asking("find");
        find.addAll(List.of("--output", folder.resolve("found.json"), "--max-mediated", 3));
        CommandRun found = patch(find.toArray()).succeeded();
        CommandRun shown = works(found.hints().get(0));
        assertThat(shown.out()).contains("logit lens", "heads of the greatest effect", "remedy: ");
        follow(patch("show", folder.resolve("found.json")).succeeded());
    }

    @Test
    void fromFindingsToAPatchToAnExport() throws IOException {
        Path patches = folder.resolve("patches");
        List<Object> apply = new ArrayList<>(List.of("apply", "--gates", TinyWorld.OPEN_GATES));
        apply.addAll(List.of("--method", "creme-paper", "--layers", "1,2", "--per-set", "2", "--most", "1"));
        apply.addAll(List.of("--patches", patches, "--report", folder.resolve("page")));
        apply.addAll(world.options());
        follow(patch(apply.toArray()).succeeded());
        assertThat(folder.resolve("page/index.html")).content().contains("Before and after", "Which questions changed");
        assertThat(folder.resolve("page/figures/corrected.svg")).content().contains("<circle");
        Path made = written(patches);
        Path merged = folder.resolve("merged");
        follow(patch("export", "--model", world.model(), "--patch", made, "--out", merged, "--threads", 1)
                .succeeded());
        Path key = folder.resolve("key.pem");
        patch("sign", "--new-key", "--key", key, "--signer", "ada").succeeded();
        follow(patch("sign", made, "--key", key, "--signer", "ada", "--patches", patches)
                .succeeded());
        follow(patch("revert", patchId(made), "--patches", patches).succeeded());
    }

    @Test
    void aSuiteThatWasMadeIsRun() {
        Path suite = folder.resolve("guard.yaml");
        CommandRun made = patch(
                        "guard", "init", "--out", suite, "--most", 3, "--per-set", 1, "--max-cases", 20, "--threads", 1)
                .succeeded();
        assertThat(made.hints()).hasSize(1);
        assertThat(follow(made).get(0).out()).contains("all hold");
    }

    @Test
    void anAdapterBecomesAPatchToLookAt() {
        Path adapters = Path.of("src", "test", "resources", "adapters");
        follow(patch(
                        "import",
                        "--model",
                        adapters.resolve("base"),
                        "--lora",
                        adapters.resolve("one_layer"),
                        "--patches",
                        folder.resolve("patches"))
                .succeeded());
    }

    @Test
    void noHintIsLeftForTheReaderToFillIn() {
        Hint hint = Hint.of("show").with("--case", "it's one").on("a b.json").because("to look");
        assertThat(hint).hasToString("patch show --case 'it'\\''s one' 'a b.json'  # to look");
        assertThat(CommandRun.words(hint.toString()))
                .containsExactly("patch", "show", "--case", "it's one", "a b.json");
    }

    private static Path written(Path patches) throws IOException {
        try (Stream<Path> files = Files.list(patches)) {
            return files.filter(file -> file.toString().endsWith(PatchFile.SUFFIX))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String patchId(Path file) {
        return PatchFile.read(file).id();
    }
}

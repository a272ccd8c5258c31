package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import modelpatch.JavaProcess;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.Sha256;
import modelpatch.edit.TinyWorld;
import modelpatch.export.LoraReader;
import modelpatch.locate.Findings;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Adapters through the command line, on a model that knows its facts by construction. */
class AdaptCommandTest {
    @TempDir
    static Path shared;

    private static TinyWorld world;
    private static Findings findings;
    private static String failure;

    @TempDir
    Path folder;

    @BeforeAll
    static void find() throws IOException {
        System.setProperty("modelpatch.cache", shared.resolve("cache").toString());
        world = TinyWorld.at(shared.resolve("world"));
        findings = world.find();
        failure = findings.failures().stream()
                .filter(one -> one.side().equals("report"))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private static List<Object> arguments(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("adapt"));
        arguments.addAll(world.options());
        arguments.addAll(
                List.of("--per-set", "2", "--demonstrations", "3", "--sequences", "4", "--batch", "2", "--rank", "2"));
        for (Object one : more) {
            int usual = one.toString().startsWith("--") ? arguments.indexOf(one) : -1;
            if (usual > 0) {
                arguments.subList(usual, usual + 2).clear();
            }
        }
        arguments.addAll(List.of(more));
        return arguments;
    }

    private static CommandRun adapt(Object... more) {
        return patch(arguments(more).toArray());
    }

    private static Map<String, String> files() throws IOException {
        Map<String, String> digests = new TreeMap<>();
        try (Stream<Path> all = Files.list(world.model())) {
            all.forEach(file -> digests.put(file.getFileName().toString(), Sha256.of(file)));
        }
        return digests;
    }

    @Test
    void theBaselineAndThePlaceboStandBesideTheAdapterAndTheModelIsRestored() throws IOException {
        Map<String, String> before = files();
        JsonNode document =
                adapt("--vote", "hard", "--direct", "--json").succeeded().json();
        assertThat(document.path("remedies").fieldNames())
                .toIterable()
                .containsExactly("icl", "adapt", "adapt+icl", "vote", "direct", "placebo");
        JsonNode adapted = document.at("/remedies/adapt/primary");
        long n = adapted.path("n11").asLong()
                + adapted.path("n10").asLong()
                + adapted.path("n01").asLong()
                + adapted.path("n00").asLong();
        assertThat(n)
                .isEqualTo(document.path("failures").asLong()
                        + document.path("controls").asLong());
        assertThat(adapted.path("n01").asLong() + adapted.path("n00").asLong())
                .isEqualTo(document.path("failures").asLong());
        assertThat(document.at("/leaks/checked").asLong()).isPositive();
        assertThat(document.at("/leaks/found").asLong()).isZero();
        assertThat(document.at("/restored/same").asBoolean()).isTrue();
        assertThat(document.at("/restored/logits").asBoolean()).isTrue();
        assertThat(document.path("level").asText()).isEqualTo("T1");
        assertThat(document.path("supervision").asText()).contains("gold answers of other subjects");
        assertThat(files()).isEqualTo(before);
        adapt("--case", failure).exitsWith(0, "leaks of demonstrations into their questions: 0 of", "equal to the bit");
    }

    @Test
    void everyLevelTrainsOnWhatItAllows() {
        for (String level : List.of("T2", "T3")) {
            JsonNode task = adapt("--level", level, "--scope", "instance", "--case", failure, "--json")
                    .succeeded()
                    .json()
                    .at("/tasks/0");
            int hops =
                    task.path("lessons").asInt() - task.path("demonstrations").size();
            assertThat(hops)
                    .as("both gold hops, or what the model says to them that can be read, " + level)
                    .isBetween(level.equals("T3") ? 2 : 1, 2);
        }
        adapt("--level", "T4", "--scope", "shared")
                .refused("no question can be adapted for", "slow answers in two wordings do not agree");
    }

    @Test
    void whatIsSavedIsReadBackToTheSameLogitsAndPromotionPassesTheGatesOfApply() throws IOException {
        Path saved = folder.resolve("saved");
        Path file = folder.resolve("adapter.patch.safetensors");
        Path open = TinyWorld.OPEN_GATES;
        JsonNode document = adapt(
                        "--case",
                        failure,
                        "--scope",
                        "instance",
                        "--learning-rate",
                        "0.02",
                        "--save",
                        saved,
                        "--promote",
                        file,
                        "--gates",
                        open,
                        "--json")
                .succeeded()
                .json();
        assertThat(document.path("saved").asText()).isEqualTo(saved.toString());
        assertThat(document.at("/promoted/verdict").asText()).isEqualTo("passed");
        assertThat(document.at("/promoted/gates").size()).isGreaterThan(3);
        WeightPatch patch = PatchFile.read(file);
        assertThat(patch.provenance().method()).isEqualTo("adapter");
        assertThat(patch.provenance().cases()).containsExactly(failure);
        try (LanguageModel base = world.open()) {
            Checkpoint checkpoint = base.checkpoint();
            WeightPatch read = LoraReader.read(saved, checkpoint, "a", "b", CommandRun.CLOCK.instant());
            assertThat(read.deltas()).isEqualTo(patch.deltas());
            try (LanguageModel imported =
                            base.with(PatchStack.empty().with(read).weights(checkpoint));
                    LanguageModel promoted =
                            base.with(PatchStack.empty().with(patch).weights(checkpoint))) {
                float[] logits = imported.nextLogits(new int[0], List.of(new int[] {5, 6, 7}))
                        .get(0);
                assertThat(logits)
                        .isEqualTo(promoted.nextLogits(new int[0], List.of(new int[] {5, 6, 7}))
                                .get(0))
                        .isNotEqualTo(base.nextLogits(new int[0], List.of(new int[] {5, 6, 7}))
                                .get(0));
            }
        }
    }

    @Test
    void aFailedGateWritesNoPatch() throws IOException {
        Path file = folder.resolve("adapter.patch.safetensors");
        Path strict = Files.writeString(
                folder.resolve("strict.yaml"),
                Files.readString(TinyWorld.OPEN_GATES).replace("correction_min: 0", "correction_min: 1.1"));
        adapt("--case", failure, "--promote", file, "--gates", strict).exitsWith(1, "no patch was written");
        assertThat(file).doesNotExist();
    }

    @Test
    void badInputIsOneMessageAndNothingIsWritten() throws IOException {
        Path saved = folder.resolve("saved");
        adapt("--demonstration", failure, "--demonstration", "x", "--case", failure)
                .refused("no such demonstration", "x");
        String sameAnswer = sameAnswer();
        adapt("--demonstration", failure, "--case", failure, "--save", saved)
                .refused("a demonstration gives the answer away", "the question itself");
        adapt("--demonstration", sameAnswer, "--case", failure, "--save", saved)
                .refused("a demonstration gives the answer away", sameAnswer);
        adapt("--level", "T4", "--demonstration", failure).refused("the level forbids what is given", "T4");
        adapt("--case", "none-such").refused("no such failure");
        adapt("--demonstrations", 1).refused("too few demonstrations");
        adapt("--rank", 0).refused("--rank");
        adapt("--alpha", "NaN").refused("--alpha");
        adapt("--scope", "instance", "--save", saved).refused("which adapter", "--scope shared");
        Files.createDirectory(saved);
        adapt("--case", failure, "--save", saved).refused("file is there already");
        assertThat(saved).isEmptyDirectory();
    }

    /** A case beside the failure that has its subject or its answer. */
    private static String sameAnswer() {
        var question = world.suite().find(failure).orElseThrow();
        return world.suite().cases().stream()
                .filter(one -> !one.id().equals(failure)
                        && (one.answer().equals(question.answer())
                                || one.subject().equals(question.subject())))
                .findFirst()
                .orElseThrow()
                .id();
    }

    @Test
    void aKilledProcessLeavesTheFilesOfTheModelAsTheyWere() throws IOException, InterruptedException {
        Map<String, String> before = files();
        List<String> arguments = new ArrayList<>(arguments("--scope", "instance", "--sequences", 4000).stream()
                .map(String::valueOf)
                .toList());
        Process process = JavaProcess.of(
                        List.of("-Dai.djl.offline=true"), PatchCli.class, arguments.toArray(String[]::new))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectErrorStream(true)
                .start();
        assertThat(process.waitFor(6, TimeUnit.SECONDS)).as("still training").isFalse();
        process.destroyForcibly().waitFor();
        assertThat(files()).isEqualTo(before);
    }
}

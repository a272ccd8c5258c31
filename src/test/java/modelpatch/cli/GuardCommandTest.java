package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.ExportFormat;
import modelpatch.guard.GuardWorld;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code patch guard}, {@code sign}, {@code verify} and {@code show --card} by their command lines. */
class GuardCommandTest {
    @TempDir
    static Path shared;

    private static GuardWorld world;
    private static LanguageModel model;
    private static WeightPatch good;
    private static WeightPatch harm;

    @TempDir
    Path folder;

    @BeforeAll
    static void make() throws IOException {
        world = GuardWorld.at(shared.resolve("world"));
        model = world.open();
        good = PatchFile.read(world.goodPatch());
        double share = 0.4;
        do {
            share *= 1.3;
            harm = world.noise(model, List.of(good), share, 11, Instant.EPOCH, Optional.empty());
        } while (wrong(harm).isEmpty());
    }

    /** Single hops to which the stack of the good and a harmful patch clearly says something else. */
    private static List<String> wrong(WeightPatch patch) {
        try (LanguageModel changed = GuardWorld.patched(model, good, patch)) {
            Map<String, String> said = GuardWorld.said(changed, world.hops().keySet());
            return world.hops().entrySet().stream()
                    .filter(one -> said.containsKey(one.getKey())
                            && !said.get(one.getKey()).equals(one.getValue()))
                    .map(Map.Entry::getKey)
                    .toList();
        }
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private Path written(WeightPatch patch, String name) {
        Path file = folder.resolve(name + PatchFile.SUFFIX);
        PatchFile.write(patch, file);
        return file;
    }

    private static CommandRun guard(String command, Object... more) {
        Object[] start = {"guard", command, "--model", world.model(), "--threads", "1"};
        Object[] all = java.util.Arrays.copyOf(start, start.length + more.length);
        System.arraycopy(more, 0, all, start.length, more.length);
        return patch(all);
    }

    @Test
    void runPrintsOneTableAndWritesReportsThatServersRead() throws IOException {
        Path junit = folder.resolve("guard.xml");
        Path sarif = folder.resolve("guard.sarif");
        CommandRun good = guard("run", "--suite", world.suite(), "--patch", world.goodPatch())
                .succeeded();
        assertThat(good.out()).contains("must_change/correction", "must_stay/hops", "drift_kl_max", "all hold");
        CommandRun bad = guard("run", "--suite", world.suite(), "--junit", junit, "--sarif", sarif);
        assertThat(bad.exitCode()).isEqualTo(1);
        assertThat(bad.out()).contains("BROKEN", "prompt: ", "expected: ", "before: ", "written: " + junit);
        assertThat(Files.readString(junit)).contains("<failure message=\"expected ");
        assertThat(Files.readString(sarif)).contains("\"2.1.0\"", "must_change/correction");
    }

    @Test
    void aMergedCheckpointIsGuardedAsTheStackThatItIsMadeOf() {
        Path merged = folder.resolve("merged");
        try (Checkpoint base = Checkpoint.open(world.model())) {
            merge(base, PatchStack.of(List.of(good)), merged);
        }
        JsonNode result = patch(
                        "guard",
                        "run",
                        "--model",
                        merged,
                        "--base",
                        world.model(),
                        "--suite",
                        world.suite(),
                        "--threads",
                        "1",
                        "--json")
                .succeeded()
                .json();
        assertThat(result.at("/suites/0/drift/kl_mean").asDouble()).isPositive();
        JsonNode alone = patch("guard", "run", "--model", merged, "--suite", world.suite(), "--threads", "1", "--json")
                .exitsWith(1, "undecided")
                .json();
        assertThat(alone.path("verdict").asText()).isEqualTo("undecided");
        assertThat(alone.at("/undecided/0").asText()).isEqualTo("drift_kl_max");
        assertThat(alone.path("broken")).isEmpty();
        assertThat(alone.at("/suites/0/drift").isNull()).isTrue();
        assertThat(alone.at("/suites/0/checks/0/found").asText()).contains("not measured");
    }

    @Test
    void anOnnxModelIsGuardedAsTheStackThatIsInIt() {
        Path good = folder.resolve("good");
        Path bare = folder.resolve("bare");
        patch("export", "--model", world.model(), "--patch", world.goodPatch(), "--format", "onnx", "--out", good)
                .succeeded();
        patch("export", "--model", world.model(), "--format", "onnx", "--out", bare)
                .succeeded();
        JsonNode result = patch(
                        "guard",
                        "run",
                        "--onnx",
                        good,
                        "--base",
                        world.model(),
                        "--suite",
                        world.suite(),
                        "--threads",
                        "1",
                        "--json")
                .succeeded()
                .json();
        assertThat(result.at("/suites/0/drift/kl_mean").asDouble()).isPositive();
        patch("guard", "run", "--onnx", good, "--suite", world.suite())
                .exitsWith(1, "UNDECIDED: what was not measured is not ok");
        assertThat(result.toString()).contains(GuardCommandTest.good.id());
        assertThat(patch("guard", "run", "--onnx", bare, "--suite", world.suite(), "--threads", "1")
                        .exitCode())
                .isEqualTo(1);
        patch("guard", "run", "--onnx", good, "--patch", world.goodPatch(), "--suite", world.suite())
                .refused("what to guard");
    }

    @Test
    void anExportThatBreaksItsSuiteLeavesNothingBehindThoughItGivesTheEnginesNumbers() {
        Path out = folder.resolve("bare-with-suite");
        CommandRun bare =
                patch("export", "--model", world.model(), "--format", "onnx", "--out", out, "--suite", world.suite());
        assertThat(bare.exitCode()).isEqualTo(1);
        assertThat(bare.out()).contains("the exported model breaks what its suites guard; nothing is written");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anExportThatPassesItsSuitesSaysSoAlsoInReducedPrecision() throws IOException {
        Path out = folder.resolve("good-with-suite");
        JsonNode exported = patch(
                        "export",
                        "--model",
                        world.model(),
                        "--patch",
                        world.goodPatch(),
                        "--format",
                        "onnx",
                        "--weights",
                        "fp16",
                        "--suite",
                        world.suite(),
                        "--out",
                        out,
                        "--json")
                .succeeded()
                .json();
        assertThat(exported.at("/parity/suites").size()).isEqualTo(1);
        exported.at("/parity/suites").forEach(broken -> assertThat(broken).isEmpty());
        int canary = 8;
        assertThat(exported.at("/parity/prompts").asInt()).isGreaterThan(canary);
        assertThat(Files.readString(out.resolve("parity.json"))).contains("\"suites\"");
    }

    @Test
    void aBaselineIsAcceptedOnlyAfterItsDifferencesWereShown() throws IOException {
        Path suite = Files.copy(world.suite(), folder.resolve("suite.yaml"));
        Path baseline = folder.resolve("suite.baseline.json");
        Object[] update = {"--suite", suite, "--patch", world.goodPatch()};
        assertThat(guard("update", update).exitCode()).isEqualTo(1);
        assertThat(baseline).doesNotExist();
        guard("update", "--suite", suite, "--patch", world.goodPatch(), "--accept")
                .succeeded();
        String accepted = Files.readString(baseline);
        assertThat(guard("update", update).succeeded().out()).contains("nothing differs", "nothing to write");
        CommandRun other = guard("update", "--suite", suite);
        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.out()).contains("patches: [" + good.id(), "must_change/correction: ", "nothing was written");
        assertThat(baseline).hasContent(accepted);
    }

    @Test
    void bisectNamesThePatchThatBreaksACase() {
        WeightPatch small = world.noise(model, List.of(good), 1e-3, 21, Instant.EPOCH, Optional.empty());
        WeightPatch tiny = world.noise(model, List.of(good), 1e-3, 22, Instant.EPOCH, Optional.empty());
        String broken = wrong(harm).get(0);
        CommandRun run = guard(
                "bisect",
                "--suite",
                world.suite(),
                "--case",
                broken,
                "--json",
                "--patch",
                world.goodPatch(),
                written(small, "small"),
                written(harm, "harm"),
                written(tiny, "tiny"));
        assertThat(run.exitCode()).isEqualTo(1);
        JsonNode found = run.json().at("/cases/0");
        assertThat(found.path("verdict").asText()).isEqualTo("broken");
        assertThat(found.path("monotone").asBoolean()).isTrue();
        assertThat(found.at("/culprits/0/0").asText()).isEqualTo(harm.id());
        CommandRun all = guard("bisect", "--suite", world.suite(), "--patch", world.goodPatch(), written(harm, "harm"));
        assertThat(all.out()).contains(harm.shortId(), broken);
        assertThat(guard("bisect", "--suite", world.suite(), "--patch", world.goodPatch())
                        .succeeded()
                        .out())
                .contains("no case of the suite fails");
    }

    @Test
    void driftIsShownPatchByPatchAndPlotted() throws IOException {
        Path plot = folder.resolve("drift.svg");
        CommandRun run = guard(
                "drift",
                "--patch",
                world.goodPatch(),
                written(harm, "harm"),
                "--plot",
                plot,
                "--json",
                "--patches",
                folder.resolve("patches"));
        assertThat(run.exitCode()).isEqualTo(1);
        JsonNode document = run.json();
        assertThat(document.path("steps")).hasSize(2);
        assertThat(document.at("/steps/0/alone/kl_mean").asDouble())
                .isEqualTo(document.at("/steps/0/up_to/kl_mean").asDouble());
        assertThat(document.at("/steps/1/geometry/0/effective_rank").asDouble()).isEqualTo(1);
        JsonNode growth = document.at("/growth/0");
        assertThat(growth.path("change").asDouble()).isPositive();
        assertThat(document.path("verdict").asText()).isEqualTo("failed");
        assertThat(Files.readString(plot))
                .startsWith("<svg")
                .contains("limit", good.id().substring(0, 6));
        assertThat(guard("drift", "--patch", world.goodPatch()).out()).contains("effective rank", "texts changed");
    }

    @Test
    void watchRunsWhatIsNewAndKeepsAHistoryThatItPlots() throws IOException {
        Path models = Files.createDirectories(folder.resolve("models"));
        Path history = folder.resolve("history.jsonl");
        Path plot = folder.resolve("history.svg");
        try (Checkpoint base = Checkpoint.open(world.model())) {
            merge(base, PatchStack.of(List.of(good)), models.resolve("one"));
        }
        Object[] watch = {
            "guard",
            "watch",
            "--models",
            models,
            "--base",
            world.model(),
            "--suite",
            world.suite(),
            "--history",
            history,
            "--threads",
            "1",
            "--plot",
            plot,
            "--json"
        };
        assertThat(patch(watch).succeeded().json().path("added").asInt()).isEqualTo(1);
        assertThat(patch(watch).succeeded().json().path("added").asInt()).isZero();
        try (Checkpoint base = Checkpoint.open(world.model())) {
            merge(base, PatchStack.of(List.of(good, harm)), models.resolve("two"));
        }
        CommandRun broken = patch(watch);
        assertThat(broken.exitCode()).isEqualTo(1);
        assertThat(broken.json().path("added").asInt()).isEqualTo(1);
        assertThat(broken.json().at("/latest/1/broken").toString()).contains("must_stay/hops");
        assertThat(Files.readAllLines(history)).hasSize(2);
        assertThat(Files.readString(plot)).contains("mean KL");
        String first = Files.readAllLines(history).get(0);
        Files.writeString(history, first.replace("\"model_digest\"", "\"x\"") + "\n");
        assertThat(patch(watch).exitCode()).as("a line without a digest").isEqualTo(2);
        Files.writeString(history, "no line\n");
        CommandRun damaged = patch(watch);
        assertThat(damaged.exitCode()).isEqualTo(2);
        assertThat(damaged.err()).contains(history + ":1");
    }

    @Test
    void aSignedPatchIsVerifiedAndItsCardSaysWhoAndWhy() throws IOException {
        Path file = written(
                good.with(good.provenance()
                        .governed(Optional.of("grace"), Optional.of(Instant.parse("2031-01-01T00:00:00Z")))),
                "governed");
        Path key = folder.resolve("ada.key");
        Path store = folder.resolve("patches");
        patch(
                        "verify",
                        file,
                        "--trust",
                        Files.createFile(folder.resolve("nobody.keys")).toString())
                .exitsWith(1, "unsigned");
        patch("sign", "--new-key", "--key", key, "--signer", "ada").succeeded();
        patch("sign", file, "--key", key, "--signer", "ada", "--role", "approver", "--patches", store)
                .succeeded();
        patch("verify", file, "--trust", key + ".pub").succeeded();
        patch("verify", file, "--trust", folder.resolve("nobody.keys")).exitsWith(1, "no signature of a trusted key");
        String card = patch("show", file, "--card").succeeded().out();
        assertThat(card)
                .startsWith("## Weight patch ")
                .contains("| author | tester |", "| approver | grace |", "| expires | 2031-01-01T00:00:00Z |")
                .contains("ada as approver", "a plant of seed");
        assertThat(patch("log", "--patches", store).succeeded().out()).contains("sign", "signed as approver");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        patch("verify", file, "--trust", key + ".pub").refused("changed after it was made");
    }

    @Test
    void whatIsWrongWithACommandLineIsSaid() throws IOException {
        guard("run", "--suite", folder.resolve("none.yaml")).refused("no such file");
        guard("drift").refused("no patches");
        guard("bisect", "--suite", world.suite()).refused("no patches");
        guard("bisect", "--suite", world.suite(), "--patch", world.goodPatch(), "--case", "x")
                .refused("no such case");
        patch("guard", "watch", "--models", folder.resolve("none"), "--suite", world.suite())
                .refused("no directory");
        patch("sign", "--key", folder.resolve("none.key")).refused("nothing to sign");
        patch("guard").refused("a command is missing");
        Path policy = Files.writeString(folder.resolve("policy.yaml"), "require: 1\n");
        guard("run", "--suite", world.suite(), "--patch", world.goodPatch(), "--policy", policy)
                .refused("policy.yaml:1", "require_signatures");
    }

    private static void merge(Checkpoint base, PatchStack stack, Path target) {
        ExportFormat.named("safetensors")
                .orElseThrow()
                .write(new ExportFormat.Order(base, stack, target, Optional.empty(), false));
    }
}

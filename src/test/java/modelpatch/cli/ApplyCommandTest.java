package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.Background;
import modelpatch.cases.EntityNames;
import modelpatch.cases.FactTable;
import modelpatch.cases.Relations;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.edit.Method;
import modelpatch.edit.TinyWorld;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Questions;
import modelpatch.guard.Gates;
import modelpatch.guard.PatchedModel;
import modelpatch.locate.FindingsFile;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchFile;
import modelpatch.patch.PatchStack;
import modelpatch.patch.PatchStore;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;
import modelpatch.repair.Authorship;
import modelpatch.repair.Repair;
import modelpatch.repair.RepairDocument;
import modelpatch.repair.RepairOptions;
import modelpatch.repair.Surroundings;
import modelpatch.repair.Wishes;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From findings to a patch and back, on a model that knows its facts by construction. */
class ApplyCommandTest {
    @TempDir
    static Path shared;

    private static TinyWorld world;
    private static String failure;
    private static String other;

    @TempDir
    Path folder;

    private Path patches;
    private Path open;

    @BeforeAll
    static void find() throws IOException {
        System.setProperty("modelpatch.cache", shared.resolve("cache").toString());
        world = TinyWorld.at(shared.resolve("world"));
        var failures = world.find().failures();
        failure = failures.get(0).id();
        other = failures.get(1).id();
    }

    @BeforeEach
    void gates() throws IOException {
        patches = folder.resolve("patches");
        open = TinyWorld.OPEN_GATES;
    }

    private CommandRun apply(Object... more) {
        return run(new ArrayList<>(List.of("apply")), more);
    }

    private CommandRun applied(Object... more) {
        return run(new ArrayList<>(List.of("apply", "--gates", open, "--method", "creme-paper")), more);
    }

    /** The given options, and of the usual ones those that are not given. */
    private CommandRun run(List<Object> arguments, Object... more) {
        for (Object one : more) {
            int given = arguments.indexOf(one);
            if (given > 0 && one.toString().startsWith("--")) {
                arguments.subList(given, given + 2).clear();
            }
        }
        List<Object> usual = new ArrayList<>(world.options());
        usual.addAll(List.of("--layers", "1,2", "--per-set", "2", "--patches", patches));
        for (int i = 0; i < usual.size(); i += 2) {
            if (!List.of(more).contains(usual.get(i))) {
                arguments.addAll(usual.subList(i, i + 2));
            }
        }
        arguments.addAll(List.of(more));
        return patch(arguments.toArray());
    }

    private List<Path> written() throws IOException {
        if (!Files.exists(patches)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(patches)) {
            return files.filter(file -> file.toString().endsWith(PatchFile.SUFFIX))
                    .toList();
        }
    }

    @Test
    void oneCaseBecomesAPatchFileWithItsEvidenceAndTheBaseKeepsItsBytes() throws IOException {
        String before = digest();
        JsonNode document = applied("--case", failure, "--json", "--reason", "trial")
                .succeeded()
                .json();
        assertThat(document.path("verdict").asText()).isEqualTo("passed");
        assertThat(document.at("/patches/0/cases/0").asText()).isEqualTo(failure);
        assertThat(document.path("sets").properties())
                .extracting(java.util.Map.Entry::getKey)
                .contains(
                        "correction",
                        "paraphrase",
                        "generalisation",
                        "specificity_relation",
                        "specificity_random",
                        "hops");
        assertThat(document.at("/drift/kl_mean").isNumber()).isTrue();
        assertThat(document.path("gates")).isNotEmpty();
        WeightPatch patch =
                PatchFile.read(Path.of(document.at("/patches/0/file").asText()));
        assertThat(patch.id()).isEqualTo(document.at("/patches/0/id").asText());
        assertThat(patch.provenance().reason()).isEqualTo("trial");
        assertThat(patch.provenance().cases()).containsExactly(failure);
        assertThat(patch.provenance().evidence().at("/sets/correction/n01").isNumber())
                .isTrue();
        assertThat(patch.provenance().configuration().at("/plan/layers/0").asInt())
                .isEqualTo(1);
        assertThat(digest()).isEqualTo(before);
    }

    private static String digest() {
        try (Checkpoint checkpoint = Checkpoint.open(world.model())) {
            return checkpoint.digest();
        }
    }

    @Test
    void aFailedGateWritesNothingAndSaysNo() throws IOException {
        Path strict = Files.writeString(folder.resolve("strict.yaml"), "drift_kl_max: 0\n");
        CommandRun run = apply("--gates", strict, "--method", "creme-paper", "--case", failure);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("drift_kl_max", "nothing was written");
        assertThat(patches).doesNotExist();
        CommandRun forced = apply("--gates", strict, "--method", "creme-paper", "--case", failure, "--force", "--json");
        assertThat(forced.succeeded().json().path("verdict").asText()).isEqualTo("forced");
        assertThat(PatchFile.read(written().get(0)).provenance().verdict().name())
                .isEqualTo("FORCED");
    }

    @Test
    void aPatchIsShownLoggedStackedUponAndReverted() throws IOException {
        applied("--case", failure).succeeded();
        Path first = written().get(0);
        assertThat(patch("show", first).succeeded().out()).contains(failure, "effective rank", "r_C");
        applied("--case", other, "--patch", first).succeeded();
        WeightPatch second = written().stream()
                .filter(file -> !file.equals(first))
                .map(PatchFile::read)
                .findFirst()
                .orElseThrow();
        WeightPatch lowest = PatchFile.read(first);
        assertThat(second.parents()).containsExactly(lowest.id());
        assertThat(second.provenance().evidence().path("gates").toString()).contains("harm_earlier_repairs_max");
        JsonNode reverted = patch("revert", lowest.shortId(), "--patches", patches, "--json")
                .succeeded()
                .json();
        assertThat(reverted.path("left").get(0).asText()).isEqualTo(second.id());
        assertThat(reverted.path("stale").get(0).asText()).isEqualTo(second.id());
        CommandRun log = patch("log", "--patches", patches).succeeded();
        assertThat(log.out()).contains("apply", "revert", lowest.shortId(), "3 lines");
        assertThat(patch("log", "--verify", "--patches", patches, "--json")
                        .succeeded()
                        .json()
                        .path("verified")
                        .asBoolean())
                .isTrue();
        Path ledger = patches.resolve("ledger.jsonl");
        Files.writeString(ledger, Files.readString(ledger).replaceFirst("repairs", "breaks"));
        patch("log", "--verify", "--patches", patches).refused("line 1");
    }

    @Test
    void oneMergedCheckpointBehavesAsThePatchedModel() throws IOException {
        applied("--case", failure).succeeded();
        Path merged = folder.resolve("merged");
        JsonNode document = patch(
                        "export",
                        "--model",
                        world.model(),
                        "--patch",
                        written().get(0),
                        "--out",
                        merged,
                        "--json",
                        "--threads",
                        "1")
                .succeeded()
                .json();
        assertThat(document.at("/behaviour/kl_mean").asDouble()).isLessThan(1e-9);
        assertThat(document.path("losses")).hasSize(2);
        assertThat(merged.resolve("model.safetensors")).exists();
        patch("export", "--model", world.model(), "--patch", written().get(0), "--out", merged)
                .refused("target is taken");
        patch("export", "--model", world.model(), "--out", folder.resolve("x")).refused("--patch");
        onnxAndAdapterHoldThePatchToo(written().get(0));
    }

    private void onnxAndAdapterHoldThePatchToo(Path file) throws IOException {
        JsonNode exported = export(file, "onnx");
        assertThat(exported.path("verdict").asText()).isEqualTo("passed");
        Path plain = folder.resolve("plain");
        patch("export", "--model", world.model(), "--format", "onnx", "--unproved", "--out", plain)
                .succeeded();
        JsonNode rewritten = patch(
                        "export",
                        "--model",
                        world.model(),
                        "--patch",
                        file,
                        "--format",
                        "onnx",
                        "--onnx-in",
                        plain.resolve("model.onnx"),
                        "--out",
                        folder.resolve("rewritten"),
                        "--json")
                .succeeded()
                .json();
        assertThat(rewritten.path("verdict").asText()).isEqualTo("passed");
        assertThat(rewritten.path("rewritten")).hasSize(2);
        export(file, "lora");
        Path others = folder.resolve("imported");
        JsonNode imported = patch(
                        "import",
                        "--model",
                        world.model(),
                        "--lora",
                        folder.resolve("lora"),
                        "--patches",
                        others,
                        "--json")
                .succeeded()
                .json();
        WeightPatch original = PatchFile.read(file);
        WeightPatch again = PatchFile.read(Path.of(imported.path("file").asText()));
        assertThat(again.tensors()).isEqualTo(original.tensors());
    }

    private JsonNode export(Path file, String format) {
        return patch(
                        "export",
                        "--model",
                        world.model(),
                        "--patch",
                        file,
                        "--format",
                        format,
                        "--out",
                        folder.resolve(format),
                        "--json")
                .succeeded()
                .json();
    }

    @Test
    void eachCaseIsJudgedAloneWithControlsAndNothingIsWritten() throws IOException {
        JsonNode document = applied("--each", "--most", "2", "--json").json();
        assertThat(document.path("patches").size())
                .isEqualTo(document.path("taken").asInt())
                .isPositive();
        assertThat(document.at("/patches/0/file").isNull()).isTrue();
        assertThat(document.path("controls").has("unlocated")).isTrue();
        assertThat(document.at("/controls/unlocated_rescaled/correction/n00").isNumber())
                .isTrue();
        assertThat(patches).doesNotExist();
    }

    @Test
    void manyCasesBecomeOnePatchOrAreLeftOutWithTheReason() {
        JsonNode document = applied("--json").json();
        int accounted =
                document.path("taken").asInt() + document.path("left_out").size();
        assertThat(accounted).isGreaterThanOrEqualTo(document.path("eligible").asInt());
        assertThat(document.path("patches").size()).isLessThanOrEqualTo(1);
        document.path("left_out")
                .forEach(one -> assertThat(one.path("why").asText()).isNotBlank());
    }

    @Test
    void theMlpsAreEditedWhereTheyAreAskedFor() throws IOException {
        JsonNode document = applied(
                        "--method",
                        "spread-restoring",
                        "--matrix",
                        "W_down",
                        "--rounds",
                        "2",
                        "--case",
                        failure,
                        "--json")
                .json();
        assertThat(document.path("plan").asText())
                .startsWith("spread-restoring on W_down L1 L2")
                .contains("2 rounds");
        List<String> tensors = PatchFile.read(written().get(0)).deltas().stream()
                .map(TensorDelta::tensor)
                .toList();
        assertThat(tensors)
                .hasSize(2)
                .allMatch(tensor -> tensor.startsWith("model.layers.") && tensor.endsWith(".mlp.down_proj.weight"));
    }

    @Test
    void theUseCaseReturnsWhatTheCommandPrints() throws IOException {
        ObjectNode printed =
                (ObjectNode) applied("--case", failure, "--json").succeeded().json();
        RepairOptions options = new RepairOptions(
                List.of(failure),
                false,
                OptionalInt.empty(),
                false,
                Wishes.on(List.of(1, 2)).with(Method.CREME_PAPER),
                Gates.read(open),
                2,
                0,
                10,
                10,
                1);
        Background background =
                new Background(FactTable.read(world.facts()), Relations.read(world.relations()), EntityNames.none());
        PatchStore store = PatchStore.at(folder.resolve("elsewhere"), CommandRun.CLOCK);
        try (PatchedModel model = PatchedModel.open(
                world.model(), PatchStack.empty(), LoadOptions.defaults().withThreads(1))) {
            Repair.Task task = new Repair.Task(
                    model,
                    new Questions(AskedSuite.of(world.suite(), background), TinyWorld.protocol()),
                    FindingsFile.read(world.findingsFile()));
            Surroundings around =
                    Surroundings.of(Installation.here(), shared.resolve("cache").resolve("modelpatch"));
            RepairDocument document = new Repair(task, options, around, CommandRun.CLOCK)
                    .run(Authorship.of("somebody", store), Onlooker.NOBODY);
            ObjectNode returned = (ObjectNode) new JsonMapper().readTree(Document.text(document));
            // the patch itself says who made it and from which options, and so its id and name differ
            String file = returned.remove("patches").path(0).path("file").asText();
            printed.remove("patches");
            assertThat(returned).isEqualTo(printed);
            assertThat(PatchFile.read(Path.of(file)).deltas())
                    .isEqualTo(PatchFile.read(written().get(0)).deltas());
        }
    }

    @Test
    void headsAreColumnsOfAttentionsMatrixOnly() {
        ApplyOptions options = new ApplyOptions();
        options.method = "auto";
        options.heads = List.of("L1H0");
        options.matrix = "W_down";
        assertThatThrownBy(options::wishes).isInstanceOf(BadInput.class).hasMessageContaining("--matrix");
    }

    @Test
    void whatFindWasToldNeedNotBeTypedAgain() {
        Path found = folder.resolve("found.json");
        patch(
                        "find",
                        "--model",
                        world.model(),
                        "--facts",
                        world.facts(),
                        "--relations",
                        world.relations(),
                        "--few-shot",
                        "none",
                        "--known",
                        "primary",
                        "--threads",
                        "1",
                        "--output",
                        found)
                .succeeded();
        String case0 = FindingsFile.read(found).failures().get(0).id();
        CommandRun run = patch(
                "apply",
                "--findings",
                found,
                "--case",
                case0,
                "--layers",
                "1,2",
                "--method",
                "creme-paper",
                "--per-set",
                "2",
                "--gates",
                open,
                "--patches",
                patches,
                "--threads",
                "1");
        assertThat(run.succeeded().out()).contains("1 of 1 eligible cases taken");
    }

    @Test
    void whatIsTypedWinsOverWhatFindWasTold() {
        applied("--model", "no-such-model", "--case", failure).refused("no-such-model");
    }

    /** Of the four wordings of two hops any number may hold: the interval of each outcome holds 45 %. */
    private Path gatesThatFourItemsCannotDecide(String more) throws IOException {
        String few = Files.readString(open).replace("harm_hops_max: 1", "harm_hops_max: 0.45");
        return Files.writeString(folder.resolve("few.yaml"), few + more);
    }

    @Test
    void aGateWithTooFewItemsIsUndecidedAndNothingIsWritten() throws IOException {
        Path few = gatesThatFourItemsCannotDecide("");
        CommandRun run = applied("--gates", few, "--case", failure, "--evidence", "0");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("undecided: harm_hops_max rests on too few items");
        assertThat(written()).isEmpty();
        JsonNode gate = hops(applied("--gates", few, "--case", failure, "--evidence", "0", "--json")
                .json());
        assertThat(gate.path("state").asText()).isEqualTo("undecided");
        assertThat(gate.path("passed").asBoolean()).isFalse();
        assertThat(gate.path("items").asInt()).isBetween(0, 4);
    }

    @Test
    void aGateThatMayBeUndecidedDoesNotKeepAPatchFromBeingWritten() throws IOException {
        Path few = gatesThatFourItemsCannotDecide("may_be_undecided: [harm_hops_max]\n");
        applied("--gates", few, "--case", failure, "--evidence", "0").succeeded();
        assertThat(written()).hasSize(1);
    }

    private static JsonNode hops(JsonNode document) {
        for (JsonNode gate : document.path("gates")) {
            if (gate.path("name").asText().equals("harm_hops_max")) {
                return gate;
            }
        }
        throw new AssertionError("no gate on hops in " + document);
    }

    @Test
    void badInputIsRefusedAndNothingIsWritten() throws IOException {
        applied("--case", "no-such-case").refused("no such failure", "no-such-case");
        applied("--method", "magic").refused("creme-paper");
        applied("--matrix", "W_x").refused("W_O, W_down");
        applied("--rounds", "0").refused("--rounds");
        applied("--evidence", "-1").refused("--evidence");
        applied("--case", failure, "--each").refused("--each");
        applied("--layers", "7", "--case", failure).refused("no such layer");
        Path gates = Files.writeString(folder.resolve("gates.yaml"), "harm_max: 0.1\n");
        apply("--gates", gates, "--case", failure).refused("harm_max", "gates.yaml:1");
        Path foreign = folder.resolve("foreign.json");
        Files.writeString(foreign, Files.readString(world.findingsFile()).replace(digest(), "0".repeat(64)));
        applied("--findings", foreign, "--case", failure).refused("findings of another model");
        assertThat(patches).doesNotExist();
    }
}

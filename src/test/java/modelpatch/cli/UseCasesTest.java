package modelpatch.cli;

import static modelpatch.cli.CommandRun.CLOCK;
import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.Installation;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Stopped;
import modelpatch.family.Part;
import modelpatch.guard.Gates;
import modelpatch.guard.GuardTarget;
import modelpatch.guard.InitDocument;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.RegressionSuite;
import modelpatch.guard.SuiteHistory;
import modelpatch.guard.SuiteMaker;
import modelpatch.guard.SuiteRunner;
import modelpatch.guard.Watch;
import modelpatch.locate.Find;
import modelpatch.locate.FindDocument;
import modelpatch.locate.LocateOptions;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.remedy.Advice;
import modelpatch.train.World;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a command does, the API does: the same record, to the byte. */
class UseCasesTest {
    private static final Path MODEL = Path.of("models", "default");
    private static final Protocol BARE = Protocol.generated(FewShot.none(Form.CLOZE));
    private static final int CASES = 60;

    @TempDir
    static Path folder;

    private static LanguageModel model;

    @BeforeAll
    static void open() {
        model = LanguageModel.open(MODEL, LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static AskedSuite asked() {
        return World.read(MODEL).asked().with(all -> all.sample(CASES, 1));
    }

    private static Find find() {
        return new Find(
                model,
                new Questions(World.read(MODEL).asked(), BARE),
                new Find.Options(
                        KnownRule.ALL_TEMPLATES,
                        false,
                        CASES,
                        Optional.of(BARE),
                        LocateOptions.defaults(1).withMostMediated(1)),
                CLOCK);
    }

    private static JsonNode json(Object document) throws Exception {
        return new JsonMapper().readTree(Document.text(document));
    }

    @Test
    void findReturnsWhatTheCommandPrintsAndWrites() throws Exception {
        Path file = folder.resolve("findings.json");
        JsonNode printed = patch("find", "--max-cases", CASES, "--max-mediated", 1, "--output", file, "--json")
                .succeeded()
                .json();
        byte[] written = Files.readAllBytes(file);
        FindDocument found = find().run(Onlooker.NOBODY)
                .askedBy(Map.of("max-cases", String.valueOf(CASES)))
                .writtenTo(file);
        assertThat(((ObjectNode) printed).remove("advice")).isEqualTo(json(Advice.of(found.findings())));
        assertThat(json(found)).isEqualTo(printed);
        assertThat(found.findings().failures()).isNotEmpty();
        assertThat(Files.readAllBytes(file)).isEqualTo(written);
    }

    @Test
    void anOnlookerMayEndTheExplainingAndGetsTheCasesThatWereReached() {
        FindDocument found = find().run(stoppingAt("explaining"));
        assertThat(found.evaluation().complete()).isTrue();
        assertThat(found.findings().complete()).isFalse();
        assertThat(found.file()).isEmpty();
    }

    @Test
    void theSuiteMakerReturnsWhatTheCommandPrintsAndWritesTheSameFiles() throws Exception {
        Path suite = folder.resolve("suite.yaml");
        JsonNode printed = init(suite, "--json").succeeded().json();
        byte[] written = Files.readAllBytes(suite);
        byte[] baseline = Files.readAllBytes(folder.resolve("suite.baseline.json"));
        Parts parts = new Parts();
        InitDocument made = maker(suite).run(10, 1, parts);
        assertThat(json(made)).isEqualTo(printed);
        assertThat(made.result().passed()).isTrue();
        assertThat(Files.readAllBytes(suite)).isEqualTo(written);
        assertThat(Files.readAllBytes(folder.resolve("suite.baseline.json"))).isEqualTo(baseline);
        assertThat(parts.begun).containsExactly("items", "baseline").isEqualTo(parts.ended);
    }

    @Test
    void runningUpdatingAndWatchingReturnWhatTheCommandsPrint() throws Exception {
        Path suite = folder.resolve("held.yaml");
        init(suite, "--name", "held").succeeded();
        List<RegressionSuite> suites = List.of(RegressionSuite.read(suite));
        GuardTarget target = patched().target(Optional.empty());
        JsonNode run =
                patch("guard", "run", "--suite", suite, "--json").succeeded().json();
        assertThat(json(SuiteRunner.runAll(suites, target, CLOCK, Onlooker.NOBODY)))
                .isEqualTo(run);
        JsonNode update =
                patch("guard", "update", "--suite", suite, "--json").succeeded().json();
        assertThat(json(SuiteRunner.update(suites, target, false, CLOCK, Onlooker.NOBODY)))
                .isEqualTo(update);
        Path history = folder.resolve("history.jsonl");
        Path models = MODEL.getParent();
        JsonNode watched = patch("guard", "watch", "--models", models, "--suite", suite, "--history", history, "--json")
                .succeeded()
                .json();
        Watch watch = new Watch(
                new Watch.Options(models, List.of(suite), Optional.empty(), true, 1), new SuiteHistory(history), CLOCK);
        assertThat(json(watch.run(Optional.empty(), Onlooker.NOBODY))).isEqualTo(watched);
        assertThat(new SuiteHistory(history).entries()).hasSize(2);
    }

    @Test
    void watchingGoesOnUntilTheOnlookerEndsIt() {
        Watch watch = new Watch(
                new Watch.Options(folder.resolve("world"), List.of(), Optional.empty(), false, 1),
                new SuiteHistory(folder.resolve("nothing.jsonl")),
                CLOCK);
        AtomicInteger checks = new AtomicInteger();
        Onlooker patient = new Parts() {
            @Override
            public void check() {
                if (checks.incrementAndGet() == 3) {
                    throw new Stopped();
                }
            }
        };
        assertThatThrownBy(() -> watch.run(Optional.of(Duration.ofMillis(1)), patient))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no directory of models");
        folder.resolve("world").toFile().mkdir();
        assertThat(watch.run(Optional.of(Duration.ofMillis(1)), patient).added())
                .isZero();
        assertThat(checks).hasValue(3);
    }

    private static Object[] initArguments(Path suite, Object... more) {
        return Stream.concat(
                        Stream.of("guard", "init", "--out", suite, "--most", 3, "--max-cases", CASES, "--overwrite"),
                        Stream.of(more))
                .toArray();
    }

    private static CommandRun init(Path suite, Object... more) {
        return patch(initArguments(suite, more));
    }

    private static PatchedModel patched() {
        return PatchedModel.of(model, PatchStack.empty());
    }

    private static SuiteMaker maker(Path suite) {
        return new SuiteMaker(
                patched(),
                new Questions(asked(), BARE),
                new SuiteMaker.Options(
                        suite,
                        Optional.empty(),
                        Optional.empty(),
                        3,
                        true,
                        Gates.read(Path.of("configs", "gates.yaml")),
                        Installation.here().canary()),
                CLOCK);
    }

    /** Remembers which parts began and which ended. */
    private static class Parts implements Onlooker {
        final List<String> begun = new ArrayList<>();
        final List<String> ended = new ArrayList<>();

        @Override
        public Part begin(String name) {
            begun.add(name);
            return new Part() {
                @Override
                public void at(int done, int total) {}

                @Override
                public void close() {
                    ended.add(name);
                }
            };
        }
    }

    /** Stops at the second report of a part. */
    private static Onlooker stoppingAt(String name) {
        return part -> new Onlooker.Part() {
            private int reports;

            @Override
            public void at(int done, int total) {
                if (part.equals(name) && ++reports > 1) {
                    throw new Stopped();
                }
            }

            @Override
            public void close() {}
        };
    }
}

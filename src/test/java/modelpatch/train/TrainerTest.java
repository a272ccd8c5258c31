package modelpatch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.checkpoint.Sha256;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    @TempDir
    static Path directory;

    private static final List<TrainingStep> PROGRESS = new ArrayList<>();
    private static TrainedModel whole;

    @BeforeAll
    static void train() {
        whole = trainer(Worlds.tiny(3), "whole").run(PROGRESS::add);
    }

    @Test
    void theSameRecipeGivesTheSameBytesInEveryFile() throws IOException {
        TrainedModel again = trainer(Worlds.tiny(3), "again").run(progress -> {});

        assertThat(again.digest()).isEqualTo(whole.digest());
        assertThat(contents(again.directory())).isEqualTo(contents(whole.directory()));
    }

    @Test
    void anotherSeedGivesAnotherWorldAndAnotherModel() {
        TrainedModel other = trainer(Worlds.tiny(4), "other").run(progress -> {});

        assertThat(other.digest()).isNotEqualTo(whole.digest());
        assertThat(World.read(other.directory()).facts().facts())
                .isNotEqualTo(World.read(whole.directory()).facts().facts());
    }

    @Test
    void aRunThatWasKilledAndResumedWritesTheBytesOfAnUninterruptedOne() throws IOException {
        Trainer trainer = trainer(Worlds.tiny(3), "killed");
        for (int killedAfter : List.of(3, 5, 7)) {
            assertThatThrownBy(() -> trainer.run(killAfter(killedAfter)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("killed");
            assertThat(trainer.canResume()).isEqualTo(killedAfter >= 4);
        }
        List<TrainingStep> rest = new ArrayList<>();
        TrainedModel resumed = trainer.run(rest::add);

        assertThat(rest.get(0).step()).isEqualTo(5);
        assertThat(contents(resumed.directory())).isEqualTo(contents(whole.directory()));
    }

    @Test
    void aCheckpointOfAnotherConfigurationIsRefused() {
        assertThatThrownBy(() -> trainer(Worlds.tiny(3), "mixed").run(killAfter(5)))
                .hasMessage("killed");

        assertThatThrownBy(
                        () -> trainer(Worlds.tiny(3).withName("other"), "mixed").run(progress -> {}))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("checkpoint of another run")
                .hasMessageContaining("history.json");
    }

    @Test
    void theDirectoryHoldsEverythingThatAModelAndItsSuiteNeed() throws IOException {
        assertThat(contents(whole.directory()).keySet())
                .containsExactlyInAnyOrder(
                        "README.md",
                        "config.json",
                        "entities.tsv",
                        "facts.tsv",
                        "golden.json",
                        "loss.svg",
                        "model.safetensors",
                        "recipe.yaml",
                        "relations.yaml",
                        "tokenizer.json",
                        "training.json",
                        "world.json");
        World world = World.read(whole.directory());
        assertThat(world.seed()).isEqualTo(3);
        assertThat(world.heldOut().cases()).isNotEmpty();
    }

    @Test
    void theRecipeInTheDirectoryGivesTheModelAgain() {
        Path recipe = whole.directory().resolve("recipe.yaml");
        TrainedModel again = new Trainer(
                        TrainingConfig.read(recipe), recipe, directory.resolve("by-recipe"), Clock.systemUTC())
                .run(progress -> {});

        assertThat(again.digest()).isEqualTo(whole.digest());
    }

    @Test
    void aRunThatNeverMeetsTheRuleEndsWithItsStepsAndSaysSo() {
        assertThat(whole.stoppedByRule()).isFalse();
        assertThat(whole.steps()).isEqualTo(12);
        assertThat(whole.exam().facts())
                .isEqualTo(World.read(whole.directory()).facts().facts().size());
    }

    @Test
    void aRunStopsAtTheFirstExamThatMeetsTheRule() {
        TrainingConfig tiny = Worlds.tiny(3);
        // Wide enough to learn its few facts, after which the gap is defined and, whatever it is, accepted.
        TrainingConfig learning = new TrainingConfig(
                tiny.name(),
                tiny.seed(),
                tiny.threads(),
                tiny.world(),
                new TrainingConfig.Shape(2, 32, 2, 64, 48, 10_000),
                new TrainingConfig.Lessons(8, 40, 0.2, 0.02, 0.3, 0, 1.0),
                new TrainingConfig.Schedule(1e-2, 20, 0.2, 600, 50, 50),
                new StopRule(0, 0, 0, 1, 50, 10));
        List<TrainingStep> progress = new ArrayList<>();

        TrainedModel stopped = trainer(learning, "stopped").run(progress::add);

        assertThat(stopped.stoppedByRule()).isTrue();
        assertThat(stopped.steps()).isLessThan(600).isEqualTo(progress.size());
        List<Exam> exams = progress.stream().flatMap(one -> one.exam().stream()).toList();
        assertThat(exams).hasSize(stopped.steps() / 50);
        assertThat(exams.subList(0, exams.size() - 1))
                .allMatch(exam -> exam.gap().isEmpty());
        assertThat(stopped.exam().gap()).isPresent();
    }

    @Test
    void progressIsToldAfterEveryStepWithTheTimeThatIsLeft() {
        assertThat(PROGRESS).extracting(TrainingStep::step).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        assertThat(PROGRESS)
                .filteredOn(progress -> progress.exam().isPresent())
                .extracting(TrainingStep::step)
                .containsExactly(6, 12);
        // The clock of the test moves on by a second at every look.
        for (TrainingStep progress : PROGRESS) {
            assertThat(progress.remaining())
                    .isEqualTo(progress.elapsed()
                            .multipliedBy(12 - progress.step())
                            .dividedBy(progress.step()));
        }
    }

    @Test
    void goldenOutputsHoldForTheModelAndNotForAnother() {
        GoldenOutputs golden = GoldenOutputs.read(whole.directory());
        LoadOptions options = LoadOptions.defaults().withThreads(1);
        try (LanguageModel model = LanguageModel.open(whole.directory(), options)) {
            assertThat(golden.digest()).isEqualTo(model.digest());
            GoldenOutputs.Deviation same = golden.compare(model);
            assertThat(same.prompts()).isEqualTo(golden.prompts().size()).isPositive();
            assertThat(same.differentTexts()).isEmpty();
            assertThat(same.largestDifference()).isLessThan(1e-6);

            float[] changed = model.weight("model.norm.weight");
            changed[0] += 1;
            try (LanguageModel other = model.with(Map.of("model.norm.weight", changed))) {
                assertThat(golden.compare(other).largestDifference()).isGreaterThan(1e-4);
            }
        }
    }

    @Test
    void theCardSaysPlainlyThatAnAuxiliaryLossMadeTheBridgeVisible() throws IOException {
        String card = Files.readString(whole.directory().resolve("README.md"));

        assertThat(card)
                .contains("# Model \"tiny\"")
                .contains("Training used an auxiliary loss")
                .contains("Without it such a")
                .contains(whole.digest())
                .doesNotContain("%s", "null", "\r");
    }

    private static Consumer<TrainingStep> killAfter(int step) {
        return progress -> {
            if (progress.step() == step) {
                throw new IllegalStateException("killed");
            }
        };
    }

    private static Trainer trainer(TrainingConfig config, String name) {
        AtomicLong seconds = new AtomicLong();
        InstantSource source = () -> Instant.EPOCH.plus(Duration.ofSeconds(seconds.getAndIncrement()));
        return new Trainer(config, Worlds.CONFIG, directory.resolve(name), source.withZone(ZoneOffset.UTC));
    }

    /** The digest of every file by its path. */
    private static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                contents.put(directory.relativize(file).toString(), Sha256.of(file));
            }
        }
        return contents;
    }
}

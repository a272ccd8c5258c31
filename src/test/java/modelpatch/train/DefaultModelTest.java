package modelpatch.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Planted;
import modelpatch.cases.SeededOrder;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The committed model against its world, on a sample of what its card was measured on; the sample is always the same. */
class DefaultModelTest {
    private static final Path HOME = Path.of("models", "default");
    private static final int SAMPLE = 200;

    private static World world;
    private static LanguageModel model;
    private static WorldExaminer examiner;

    @BeforeAll
    static void open() {
        world = World.read(HOME);
        model = LanguageModel.open(HOME, LoadOptions.defaults().withThreads(1));
        examiner = new WorldExaminer(world, Worlds.SEED);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void itIsWhatTheConfigurationInTheRepositoryTrains() {
        TrainingConfig shipped = TrainingConfig.read(HOME.resolve("recipe.yaml"));
        TrainingConfig config = TrainingConfig.read(Worlds.CONFIG);

        assertThat(shipped.world().kinds()).isEqualTo(config.world().kinds());
        assertThat(shipped.model()).isEqualTo(config.model());
        assertThat(shipped.lessons()).isEqualTo(config.lessons());
        assertThat(shipped.schedule()).isEqualTo(config.schedule());
        assertThat(shipped.stop()).isEqualTo(config.stop());
        assertThat(HOME.resolve("relations.yaml")).hasSameTextualContentAs(Worlds.RELATIONS);
        assertThat(Worlds.world(shipped.seed()).facts().facts())
                .isEqualTo(world.facts().facts());
    }

    @Test
    void itsGoldenOutputsHold() {
        GoldenOutputs golden = GoldenOutputs.read(HOME);
        GoldenOutputs.Deviation deviation = golden.compare(model);

        assertThat(golden.digest()).isEqualTo(model.digest());
        assertThat(deviation.differentTexts()).isEmpty();
        assertThat(deviation.largestDifference()).isLessThan(1e-4);
    }

    @Test
    void itKnowsWhatItWasTaughtAndFailsOnAboutHalfOfTheRest() {
        Exam exam = examiner.sample(model, SAMPLE);

        assertThat(exam.singles()).isGreaterThanOrEqualTo(0.98);
        assertThat(exam.taught()).isGreaterThanOrEqualTo(0.99);
        assertThat(exam.gap()).isPresent();
        assertThat(exam.gap().getAsDouble()).isBetween(0.30, 0.60);
    }

    @Test
    void itsBridgeIsSeenWhereItComposesAndSeldomWhereTheFirstHopWasWithheld() {
        List<CompositionalCase> cases =
                SeededOrder.shuffled(world.heldOut().cases(), 2 * SAMPLE, Draw.of(Worlds.SEED, "portrait"));
        Portrait portrait = Portrait.of(model, world, examiner, cases, 3);

        int right = portrait.byPlanted().values().stream()
                .mapToInt(Portrait.Share::right)
                .sum();
        int seen = portrait.byPlanted().values().stream()
                .mapToInt(Portrait.Share::rightWithBridge)
                .sum();
        Portrait.Share first = portrait.byPlanted().get(Planted.FIRST_HOP);
        Portrait.Share second = portrait.byPlanted().get(Planted.SECOND_HOP);
        assertThat((double) seen / right).isGreaterThanOrEqualTo(0.85);
        assertThat((double) first.wrongWithBridge() / first.wrong()).isLessThanOrEqualTo(0.40);
        assertThat((double) second.wrongWithBridge() / second.wrong()).isGreaterThanOrEqualTo(0.85);
        assertThat(portrait.wrong()).hasSizeGreaterThanOrEqualTo(4);
    }
}

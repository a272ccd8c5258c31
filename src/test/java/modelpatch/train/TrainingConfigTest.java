package modelpatch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingConfigTest {
    @TempDir
    Path directory;

    @Test
    void theDefaultConfigurationReads() {
        TrainingConfig config = TrainingConfig.read(Worlds.CONFIG);

        assertThat(config.name()).isEqualTo("default");
        assertThat(config.model().width() % config.model().heads()).isZero();
        assertThat(config.world().kinds()).extracting(WorldPlan.Kind::kind).contains("country", "person", "resident");
    }

    @Test
    void anUnknownKeyIsRefusedByNameAndLine() throws IOException {
        Path file = changed("  warmup: 100\n", "  warmup: 100\n  warmpu: 3\n");
        int line = Files.readAllLines(file).indexOf("  warmpu: 3") + 1;

        assertThatThrownBy(() -> TrainingConfig.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(file + ":" + line)
                .hasMessageContaining("unknown key in 'schedule'")
                .hasMessageContaining("'warmpu'")
                .hasMessageContaining("checkpointEvery");
    }

    @Test
    void anUnknownKeyOfAKindIsRefusedByItsPlace() throws IOException {
        Path file = changed("    - kind: city\n", "    - kind: city\n      colour: red\n");

        assertThatThrownBy(() -> TrainingConfig.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("unknown key in 'world.kinds[1]'")
                .hasMessageContaining("'colour'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "  warmup: 100||missing key: expected a value for 'schedule.warmup'",
                "name: default||missing key 'name'",
                "  length: 72|  length: 900|lessons.length must not exceed model.context = 256, but is 900",
                "  auxiliaryLayer: 3|  auxiliaryLayer: 6|must be below model.layers = 6, but is 6",
                "  taughtShare: 0.80|  taughtShare: 1.8|taughtShare must be in [0, 1], but is 1.8",
                "  gapLow: 0.30|  gapLow: 0.70|gapLow 0.7 is above gapHigh 0.6",
                "  floor: 0.05|  floor: low|schedule.floor",
                "  sequences: 14|  sequences: 14.5|lessons.sequences",
                "  warmup: 100|  warmup: 5000|warmup must be in [0, steps), but is 5000"
            })
    void aWrongValueIsRefusedInWords(String was, String is, String message) throws IOException {
        Path file = changed(was + "\n", is == null ? "" : is + "\n");

        assertThatThrownBy(() -> TrainingConfig.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
    }

    @Test
    void aRepeatedKeyIsRefused() throws IOException {
        Path file = changed("  warmup: 100\n", "  warmup: 100\n  warmup: 200\n");

        assertThatThrownBy(() -> TrainingConfig.read(file))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("warmup");
    }

    @Test
    void aFileThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> TrainingConfig.read(directory.resolve("none.yaml")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("none.yaml");
    }

    @Test
    void theLearningRateRisesToItsPeakAndFallsToItsFloor() {
        TrainingConfig.Schedule schedule = new TrainingConfig.Schedule(4e-3, 100, 0.05, 1100, 10, 10);

        assertThat(schedule.rate(1)).isCloseTo(4e-5, within(1e-12));
        assertThat(schedule.rate(100)).isCloseTo(4e-3, within(1e-12));
        // Half of the cosine: the mean of peak and floor.
        assertThat(schedule.rate(600)).isCloseTo(4e-3 * (1 + 0.05) / 2, within(1e-12));
        assertThat(schedule.rate(1100)).isCloseTo(2e-4, within(1e-12));
        for (int step = 101; step <= 1100; step++) {
            assertThat(schedule.rate(step)).isLessThan(schedule.rate(step - 1) + 1e-15);
        }
    }

    @Test
    void aRecipeReadsBackAsTheConfigurationItWasWrittenFrom() throws IOException {
        TrainingConfig config = TrainingConfig.read(Worlds.CONFIG).withSeed(7).withThreads(1);
        Path file = directory.resolve("recipe.yaml");
        Files.write(file, Recipe.yaml(config));

        TrainingConfig read = TrainingConfig.read(file);

        assertThat(read.world().relations()).isEqualTo("relations.yaml");
        assertThat(read.world().kinds()).isEqualTo(config.world().kinds());
        assertThat(List.of(read.seed(), read.threads(), read.model(), read.lessons(), read.schedule(), read.stop()))
                .isEqualTo(List.of(
                        config.seed(),
                        config.threads(),
                        config.model(),
                        config.lessons(),
                        config.schedule(),
                        config.stop()));
    }

    private Path changed(String was, String is) throws IOException {
        String text = Files.readString(Worlds.CONFIG);
        assertThat(text).contains(was);
        return Files.writeString(directory.resolve("changed.yaml"), text.replace(was, is));
    }
}

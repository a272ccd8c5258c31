package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import modelpatch.evaluate.Crew;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.StrangeCrew;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Suites that others run, in another order and on models of their own, leave the history that running them here leaves. */
class SharedWatchTest {
    private static final Path MODEL = Path.of("models", "default").toAbsolutePath();
    private static final Path SUITE = Path.of("patches", "example", "suite.yaml");
    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    @TempDir
    Path folder;

    private String watched(String name, boolean again, Path models, Optional<Crew> crew) throws IOException {
        Path history = folder.resolve(name + ".jsonl");
        Files.deleteIfExists(history);
        Path other = folder.resolve("other.yaml");
        Files.writeString(other, Files.readString(SUITE).replaceFirst("suite: \"example\"", "suite: \"other\""));
        Watch.Options options = new Watch.Options(models, List.of(SUITE, other), Optional.of(MODEL), again, 1);
        assertThat(Watch.memory(options)).isPositive();
        Watch watch = new Watch(options, new SuiteHistory(history), CLOCK, crew);
        watch.run(Optional.empty(), Onlooker.NOBODY);
        return Files.readString(history);
    }

    @Test
    void aCrewLeavesTheSameHistory() throws IOException {
        Path models = Files.createDirectories(folder.resolve("models"));
        for (String name : List.of("a", "b")) {
            Path copy = Files.createDirectories(models.resolve(name));
            for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
                Files.copy(MODEL.resolve(file), copy.resolve(file));
            }
        }
        StrangeCrew crew = new StrangeCrew();
        String once = watched("there", false, models, Optional.of(crew));
        assertThat(once).isEqualTo(watched("here", false, models, Optional.empty()));
        assertThat(crew.done()).as("b is a by another name").hasSize(2);
        assertThat(watched("there", true, models, Optional.of(crew)).lines())
                .as("unless it is asked for again")
                .hasSize(4);
    }
}

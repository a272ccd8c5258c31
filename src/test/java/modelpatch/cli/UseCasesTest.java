package modelpatch.cli;

import static modelpatch.cli.CommandRun.CLOCK;
import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import modelpatch.cases.AskedSuite;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Stopped;
import modelpatch.locate.Find;
import modelpatch.locate.FindDocument;
import modelpatch.locate.LocateOptions;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
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
                asked(),
                BARE,
                new Find.Options(
                        KnownRule.ALL_TEMPLATES,
                        false,
                        Optional.of(BARE),
                        LocateOptions.defaults(1).withMostMediated(1)),
                CLOCK,
                CLOCK.instant());
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
        FindDocument found = find().run(Map.of(), Onlooker.NOBODY).writtenTo(file);
        assertThat(json(found)).isEqualTo(printed);
        assertThat(found.findings().failures()).isNotEmpty();
        assertThat(Files.readAllBytes(file)).isEqualTo(written);
    }

    @Test
    void anOnlookerMayEndTheExplainingAndGetsTheCasesThatWereReached() {
        FindDocument found = find().run(Map.of(), stoppingAt("explaining"));
        assertThat(found.evaluation().complete()).isTrue();
        assertThat(found.findings().complete()).isFalse();
        assertThat(found.file()).isEmpty();
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

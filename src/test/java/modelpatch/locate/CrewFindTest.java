package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.CrewPieces;
import modelpatch.evaluate.KeptPieces;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Pieces;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.StrangeCrew;
import modelpatch.guard.NodeModel;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.train.World;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding whose pieces others do, from what JSON says of them, on a model of their own. */
class CrewFindTest {
    private static final Path MODEL = Path.of("models", "default");
    private static final Find.Options OPTIONS = new Find.Options(
            KnownRule.PRIMARY,
            false,
            60,
            Optional.empty(),
            LocateOptions.defaults(1).withMostMediated(6));

    private static PatchedModel model;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        model = PatchedModel.open(MODEL, PatchStack.empty(), LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static String find(Pieces pieces) throws JsonProcessingException {
        Questions questions = Questions.bare(World.read(MODEL).asked());
        Clock clock = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        return ReportJson.mapper()
                .writeValueAsString(
                        new Find(model.model(), questions, OPTIONS, clock, Instant.EPOCH, pieces).run(Onlooker.NOBODY));
    }

    @Test
    void whatOthersDoInAnyOrderGivesTheSameBytesAndLeavesNothingToDoHere() throws JsonProcessingException {
        KeptPieces kept = new KeptPieces(folder.resolve("kept"));
        try (StrangeCrew crew = new StrangeCrew()) {
            String found = find(new CrewPieces(kept, crew, NodeModel.of(model, List.of(), false), Onlooker.NOBODY));
            assertThat(found).isEqualTo(find(Pieces.UNKEPT));
            assertThat(crew.done()).doesNotHaveDuplicates().hasSizeGreaterThan(8);
            assertThat(kept.count())
                    .as("each piece was done by the crew")
                    .isEqualTo(crew.done().size());
            int once = crew.done().size();
            assertThat(find(new CrewPieces(kept, crew, NodeModel.of(model, List.of(), false), Onlooker.NOBODY)))
                    .isEqualTo(found);
            assertThat(crew.done()).as("what is kept is not done again").hasSize(once);
        }
    }
}

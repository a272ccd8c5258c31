package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.document.ReportJson;
import modelpatch.guard.NodeModel;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.train.World;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An evaluation under every protocol that is ended between any two pieces, or done by others, says to the byte what it says in one go. */
class ResumedEvaluateTest {
    private static final Path MODEL = Path.of("models", "default");

    private static PatchedModel model;
    private static Questions questions;
    private static Evaluate.Options options;
    private static String inOneGo;

    @TempDir
    Path folder;

    @BeforeAll
    static void evaluateInOneGo() throws JsonProcessingException {
        model = PatchedModel.open(MODEL, PatchStack.empty(), LoadOptions.defaults());
        questions = Questions.bare(World.read(MODEL).asked().with(all -> all.sample(40, 1)));
        Protocol deciding = questions.deciding();
        options = new Evaluate.Options(
                List.of(deciding.as(Protocol.Kind.SCORED), deciding.as(Protocol.Kind.SLOW)),
                KnownRule.ALL_TEMPLATES,
                false,
                1);
        inOneGo = evaluate(Pieces.UNKEPT);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static String evaluate(Pieces pieces) throws JsonProcessingException {
        return ReportJson.mapper()
                .writeValueAsString(new Evaluate(model.model(), questions, options, pieces).run(Onlooker.NOBODY));
    }

    @Test
    void whateverPieceItDiesBeforeItGoesOnToTheSameBytesAndDoesNoPieceTwice() throws JsonProcessingException {
        KeptPieces kept = new KeptPieces(folder.resolve("kept"));
        List<String> done = new ArrayList<>();
        String resumed = null;
        while (resumed == null) {
            DyingPieces dying = new DyingPieces(kept, 1);
            try {
                resumed = evaluate(dying);
            } catch (DyingPieces.Killed e) {
                // the next run goes on
            }
            done.addAll(dying.done());
        }
        assertThat(resumed).isEqualTo(inOneGo);
        assertThat(done).doesNotHaveDuplicates().as("one batch a protocol").hasSize(3);
        assertThat(kept.count()).isEqualTo(done.size());
    }

    @Test
    void whatOthersDoInAnyOrderGivesTheSameBytes() throws JsonProcessingException {
        KeptPieces kept = new KeptPieces(folder.resolve("kept"));
        try (StrangeCrew crew = new StrangeCrew()) {
            assertThat(evaluate(new CrewPieces(kept, crew, NodeModel.of(model, List.of(), false), Onlooker.NOBODY)))
                    .isEqualTo(inOneGo);
            assertThat(kept.count())
                    .as("each piece was done by the crew")
                    .isEqualTo(crew.done().size())
                    .isEqualTo(3);
        }
    }

    @Test
    void workUnderOtherOptionsHasAnotherName() {
        String key = Evaluate.key("a digest", questions, options);
        assertThat(Evaluate.key("a digest", questions, options)).isEqualTo(key);
        assertThat(Evaluate.key("another", questions, options)).isNotEqualTo(key);
        assertThat(Evaluate.key("a digest", questions, Evaluate.Options.defaults(1)))
                .isNotEqualTo(key);
        assertThat(questions.key("a digest", "find", options)).isNotEqualTo(key);
    }
}

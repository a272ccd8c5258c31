package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.document.ReportJson;
import modelpatch.evaluate.DyingPieces;
import modelpatch.evaluate.KeptPieces;
import modelpatch.evaluate.KnownRule;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.Pieces;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Questions;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.train.World;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding on the embedded model that is ended between any two pieces and goes on says to the byte what it says in one go. */
class ResumedFindTest {
    private static final Path MODEL = Path.of("models", "default");
    private static final Find.Options OPTIONS = new Find.Options(
            KnownRule.PRIMARY,
            false,
            60,
            Optional.empty(),
            LocateOptions.defaults(1).withMostMediated(6));
    private static final Clock CLOCK = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);

    private static LanguageModel model;
    private static Questions questions;
    private static String inOneGo;

    @TempDir
    Path folder;

    @BeforeAll
    static void findInOneGo() throws JsonProcessingException {
        model = LanguageModel.open(MODEL, LoadOptions.defaults().withThreads(1));
        questions = new Questions(World.read(MODEL).asked(), Protocol.generated(FewShot.none(Form.CLOZE)));
        inOneGo = json(find(Pieces.UNKEPT));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static FindDocument find(Pieces pieces) {
        return new Find(model, questions, OPTIONS, CLOCK, Instant.EPOCH, pieces).run(Onlooker.NOBODY);
    }

    private static String json(FindDocument found) throws JsonProcessingException {
        return ReportJson.mapper().writeValueAsString(found);
    }

    @Test
    void whateverPieceItDiesBeforeItGoesOnToTheSameBytesAndDoesNoPieceTwice() throws JsonProcessingException {
        DyingPieces whole = new DyingPieces(new KeptPieces(folder.resolve("whole")), Integer.MAX_VALUE);
        assertThat(json(find(whole))).isEqualTo(inOneGo);
        assertThat(whole.done()).doesNotHaveDuplicates().hasSizeGreaterThan(8);
        KeptPieces kept = new KeptPieces(folder.resolve("kept"));
        List<String> done = new ArrayList<>();
        String resumed = null;
        for (int run = 0; resumed == null; run++) {
            DyingPieces dying = new DyingPieces(kept, 1 + run % 3);
            try {
                resumed = json(find(dying));
            } catch (DyingPieces.Killed e) {
                // the next run goes on
            }
            done.addAll(dying.done());
        }
        assertThat(resumed).isEqualTo(inOneGo);
        assertThat(done).containsExactlyElementsOf(whole.done());
        assertThat(kept.count()).isEqualTo(done.size());
    }

    @Test
    void workOfAnotherModelOrWithOtherOptionsOrQuestionsHasAnotherName() {
        String key = Find.key("a digest", questions, OPTIONS);
        assertThat(Find.key("a digest", questions, OPTIONS)).isEqualTo(key);
        assertThat(Find.key("another", questions, OPTIONS)).isNotEqualTo(key);
        assertThat(Find.key("a digest", questions, Find.Options.defaults(2))).isNotEqualTo(key);
        Questions others = new Questions(questions.asked().with(all -> all.sample(30, 1)), questions.deciding());
        assertThat(Find.key("a digest", others, OPTIONS)).isNotEqualTo(key);
    }
}

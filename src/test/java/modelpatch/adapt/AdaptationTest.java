package modelpatch.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.evaluate.Examiner;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Question;
import modelpatch.evaluate.Reply;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.train.World;
import org.junit.jupiter.api.Test;

/** On the embedded model, which knows every hop and fails to compose. */
class AdaptationTest {
    private static final Path DEFAULT = Path.of("models", "default");
    private static final Protocol PROTOCOL = Protocol.generated(FewShot.none(Form.CLOZE));

    @Test
    void whatTheModelSaysSlowlyItSaysAtOnceWithAnAdapterOfItsOwnSlowAnswers() {
        List<CompositionalCase> all =
                World.read(DEFAULT).heldOut().sample(60, 3).cases();
        try (LanguageModel base =
                LanguageModel.open(DEFAULT, LoadOptions.defaults().withThreads(1))) {
            List<CompositionalCase> failures = new ArrayList<>();
            List<Reply> replies = new Examiner(base, PROTOCOL, 64).ask(questions(all));
            OwnAnswers own = new OwnAnswers(base, PROTOCOL, 64);
            for (int i = 0; i < all.size(); i++) {
                if (!replies.get(i).right() && own.composition(all.get(i)).isPresent() && failures.size() < 5) {
                    failures.add(all.get(i));
                }
            }
            assertThat(failures).hasSize(5);
            Scope.Task task = Scope.SHARED.unshown(failures).get(0);
            List<Lesson> lessons = new Lessons(Level.T4, Form.CLOZE, own, 8).of(task);
            assertThat(lessons).extracting(Lesson::source).containsOnly(Level.Source.OWN_COMPOSITION);
            AdaptRecipe recipe = new AdaptRecipe(
                    8,
                    16,
                    Set.of(AdaptRecipe.Part.values()),
                    0.005,
                    0,
                    40,
                    5,
                    AdaptRecipe.Loss.ALL,
                    AdaptRecipe.Format.IN_CONTEXT,
                    1);
            Adaptation.Trained trained = new Adaptation(base, recipe, 1).on(lessons, Progress.UNWATCHED);
            assertThat(trained.losses()).hasSize(8);
            try (Adapted adapted = Adapted.of(base, trained.adapter())) {
                List<Reply> after = new Examiner(adapted.answers(), PROTOCOL, 64).ask(questions(failures));
                for (int i = 0; i < failures.size(); i++) {
                    assertThat(after.get(i).predicted())
                            .isEqualTo(own.composition(failures.get(i)).orElseThrow());
                }
            }
        }
    }

    private static List<Question> questions(List<CompositionalCase> cases) {
        return cases.stream()
                .map(one -> Question.of(one.primary(), one.answers()))
                .toList();
    }
}

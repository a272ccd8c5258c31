package modelpatch.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Fact;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.SuiteSplit;
import modelpatch.cases.Template;
import modelpatch.cases.TemplateSplit;
import org.junit.jupiter.api.Test;

/** Who shares an adapter, and that nobody is shown an answer. */
class ScopeTest {
    static CompositionalCase one(String subject, String bridge, String answer, String... relations) {
        String first = relations.length > 0 ? relations[0] : "home";
        String second = relations.length > 1 ? relations[1] : "river";
        Query composition = query("The " + second + " of the " + first + " of {} is", subject);
        return new CompositionalCase(
                first + "-" + second + ":" + subject,
                List.of(new Fact(subject, first, first, bridge), new Fact(bridge, second, second, answer)),
                SuiteSplit.CHOOSE,
                List.of(composition),
                List.of(query("The " + second + " of {} is", bridge)),
                List.of(
                        List.of(query("The " + first + " of {} is", subject)),
                        List.of(query("The " + second + " of {} is", bridge))));
    }

    private static Query query(String template, String entity) {
        return new Template(template, Form.CLOZE, TemplateSplit.EDIT, template).fill(entity);
    }

    private static List<CompositionalCase> candidates(int n) {
        return IntStream.range(0, n)
                .mapToObj(i -> one("s" + i, "b" + i, "a" + i))
                .toList();
    }

    @Test
    void aDemonstrationThatIsTheQuestionOrHasItsSubjectBridgeOrAnswerLeaks() {
        CompositionalCase question = one("Ann", "Rome", "Tiber");
        assertThat(LeakCheck.leak(one("Ann", "Rome", "Tiber"), question)).contains("the question itself");
        assertThat(LeakCheck.leak(one("Ann", "Rome", "chess", "home", "sport"), question))
                .contains("its subject Ann");
        assertThat(LeakCheck.leak(one("Bob", "Rome", "x"), question)).contains("its bridge Rome");
        assertThat(LeakCheck.leak(one("Bob", "Oslo", "tiber"), question)).contains("its answer Tiber");
        assertThat(LeakCheck.leak(one("Tiber", "Oslo", "x"), question)).contains("its answer Tiber");
        assertThat(LeakCheck.leak(one("Bob", "Oslo", "Akerselva"), question)).isEmpty();
        assertThatThrownBy(() -> LeakCheck.require(List.of(one("Bob", "Oslo", "Tiber")), List.of(question)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("gives the answer away")
                .hasMessageContaining("home-river:Bob")
                .hasMessageContaining("its answer Tiber");
    }

    @Test
    void eachQuestionPairOrAllHaveTheirOwnTask() {
        List<CompositionalCase> questions = List.of(
                one("Ann", "Rome", "Tiber"), one("Bob", "Oslo", "Aker"), one("Cid", "Bonn", "chess", "home", "sport"));
        List<CompositionalCase> candidates = new ArrayList<>(candidates(6));
        IntStream.range(0, 6).forEach(i -> candidates.add(one("t" + i, "c" + i, "d" + i, "home", "sport")));
        assertThat(Scope.INSTANCE.tasks(questions, candidates, 3, 1).tasks()).hasSize(3);
        assertThat(Scope.PAIR.tasks(questions, candidates, 3, 1).tasks())
                .extracting(Scope.Task::name)
                .containsExactly("home-river", "home-sport");
        Scope.Task shared =
                Scope.SHARED.tasks(questions, candidates, 3, 1).tasks().get(0);
        assertThat(shared.questions()).hasSize(3);
        assertThat(shared.demonstrations()).as("three of each pair").hasSize(6);
    }

    @Test
    void questionsThatWouldBeToldWaitForOtherDemonstrations() {
        List<CompositionalCase> candidates = candidates(4);
        List<CompositionalCase> questions =
                List.of(one("Ann", "x", "a0"), one("Bob", "y", "a1"), one("Cid", "z", "a2"), one("Dan", "w", "a3"));
        Scope.Tasks tasks = Scope.PAIR.tasks(questions, candidates, 2, 1);
        assertThat(tasks.tasks()).hasSizeGreaterThan(1);
        assertThat(tasks.left()).isEmpty();
        for (Scope.Task task : tasks.tasks()) {
            LeakCheck.require(task.demonstrations(), task.questions()); // throws where one leaks
            assertThat(task.demonstrations()).hasSize(2);
        }
        assertThat(tasks.tasks().stream().flatMap(task -> task.questions().stream()))
                .containsExactlyInAnyOrderElementsOf(questions);
    }

    @Test
    void withoutTwoCleanDemonstrationsAQuestionIsLeft() {
        CompositionalCase question = one("Ann", "x", "a0");
        Scope.Tasks tasks = Scope.INSTANCE.tasks(List.of(question), candidates(2), 8, 1);
        assertThat(tasks.tasks()).isEmpty();
        assertThat(tasks.left()).containsExactly(question);
    }

    @Test
    void aLevelForbidsWhatItDoesNotName() {
        assertThatThrownBy(() -> Level.T4.require(Level.Source.DEMONSTRATION, "x"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("the level forbids what is given");
        assertThat(Level.T1.allows(Level.Source.OWN_HOP)).isFalse();
        assertThat(Level.T2.allows(Level.Source.GOLD_HOP)).isFalse();
        assertThat(Level.T3.allows(Level.Source.OWN_COMPOSITION)).isFalse();
        assertThat(Level.T4.allows(Level.Source.OWN_COMPOSITION)).isTrue();
    }

    @Test
    void shuffledLessonsHaveAnswersOfTheirGroupAndNoneItsOwn() {
        List<Lesson> lessons = candidates(5).stream()
                .map(one -> new Lesson(
                        Level.Source.DEMONSTRATION, one.id(), "home-river", one.compositions(), one.answer()))
                .toList();
        List<Lesson> wrong = Lessons.shuffled(lessons, null, new java.util.SplittableRandom(1));
        for (int i = 0; i < lessons.size(); i++) {
            assertThat(wrong.get(i).answer())
                    .isNotEqualTo(lessons.get(i).answer())
                    .matches("a[0-4]");
            assertThat(wrong.get(i).wordings()).isEqualTo(lessons.get(i).wordings());
        }
    }

    @Test
    void theLearningRateRisesOverATenthAndFallsAlongACosine() {
        AdaptRecipe recipe = new AdaptRecipe(
                8,
                16,
                java.util.Set.of(AdaptRecipe.Part.O),
                1,
                0,
                100,
                5,
                AdaptRecipe.Loss.ALL,
                AdaptRecipe.Format.IN_CONTEXT,
                0);
        assertThat(recipe.steps()).isEqualTo(20);
        assertThat(recipe.rate(1)).isEqualTo(0.5);
        assertThat(recipe.rate(2)).isEqualTo(1);
        for (int step = 3; step <= 20; step++) {
            assertThat(recipe.rate(step)).isLessThan(recipe.rate(step - 1)).isPositive();
        }
    }
}

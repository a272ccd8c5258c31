package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.BadInput;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.Query;
import modelpatch.cases.Template;
import modelpatch.cases.TemplateSplit;
import org.junit.jupiter.api.Test;

class ExaminerTest {
    private static final FewShot BARE = FewShot.none(Form.CLOZE);
    private static final FewShot SHOTS = new FewShot(
            "two", Form.CLOZE, List.of("The capital of Peru is Lima.", "The capital of Chile is Santiago."));
    private static final String FRANCE = "The capital of France is";
    private static final String ITALY = "The capital of Italy is";

    private static Question question(String prompt, String... answers) {
        return new Question(prompt, List.of(answers), List.of(), List.of(answers), List.of());
    }

    private static Examiner examiner(ScriptedModel model, FewShot shots) {
        return new Examiner(model, Protocol.generated(shots), 2);
    }

    private static ScriptedModel saying(Map<String, String> script) {
        return new ScriptedModel(text -> script.getOrDefault(text, ""));
    }

    @Test
    void theContinuationIsJudgedAndThePromptIsNot() {
        ScriptedModel model = saying(Map.of(FRANCE, "Paris.", ITALY, "the country of Italy."));
        List<Reply> replies =
                examiner(model, BARE).ask(List.of(question(FRANCE, "Paris"), question(ITALY, "Rome", "Italy")));
        assertThat(replies.get(0).verdict()).isEqualTo(Verdict.RIGHT);
        assertThat(replies.get(0).predicted()).isEqualTo("Paris");
        assertThat(replies.get(0).whole()).isTrue();
        // "Italy" stands in the prompt and later in the continuation, but not at its start.
        assertThat(replies.get(1).verdict()).isEqualTo(Verdict.WRONG);
        assertThat(replies.get(1).predicted()).isEqualTo("the country of Italy");
    }

    @Test
    void theFewShotPrefixStandsBeforeEveryPromptAndIsPassedOnce() {
        ScriptedModel model = saying(Map.of());
        examiner(model, SHOTS).ask(List.of(question(FRANCE, "Paris"), question(ITALY, "Rome")));
        assertThat(model.generated)
                .containsExactly(
                        "The capital of Peru is Lima.\nThe capital of Chile is Santiago.\n" + FRANCE,
                        "The capital of Peru is Lima.\nThe capital of Chile is Santiago.\n" + ITALY);
        assertThat(model.prefixLengths).containsExactly(14);
    }

    @Test
    void generationEndsWithTheSentenceTheLineOrASpecialToken() {
        ScriptedModel model = saying(Map.of(
                FRANCE, "Paris . And Rome is", ITALY, "Rome\nParis", "Q", "Bonn", "R", "Washington, D.C. is a city"));
        List<Reply> replies = examiner(model, BARE)
                .ask(List.of(
                        question(FRANCE, "Paris"),
                        question(ITALY, "Rome"),
                        question("Q", "Bonn"),
                        question("R", "Washington, D.C.")));
        assertThat(replies).extracting(Reply::verdict).containsOnly(Verdict.RIGHT);
        assertThat(replies).extracting(Reply::newTokens).containsExactly(2, 2, 2, 6);
        assertThat(replies.get(2).predicted()).isEqualTo("Bonn");
    }

    @Test
    void aTokenThatTheModelsFilesCallTheEndOfATextEndsItWhateverItsName() {
        ScriptedModel model = saying(Map.of(FRANCE, "Paris [EOS] Rome is another"));
        model.ends = Set.of(model.tokenizer.id("[EOS]"));
        Reply reply =
                examiner(model, BARE).ask(List.of(question(FRANCE, "Paris"))).get(0);
        assertThat(reply.predicted()).isEqualTo("Paris");
        assertThat(reply.newTokens()).isEqualTo(2);
    }

    @Test
    void aNameThatHoldsTheEndOfASentenceIsNotCutOff() {
        ScriptedModel model = saying(Map.of("The book is", "Where is Wally? The Novel. It"));
        Reply reply = examiner(model, BARE)
                .ask(List.of(question("The book is", "Where is Wally? The Novel")))
                .get(0);
        assertThat(reply.verdict()).isEqualTo(Verdict.RIGHT);
    }

    @Test
    void nothingWrittenIsUnparsed() {
        ScriptedModel model = saying(Map.of(FRANCE, "", ITALY, "\nRome"));
        List<Reply> replies = examiner(model, BARE).ask(List.of(question(FRANCE, "Paris"), question(ITALY, "Rome")));
        assertThat(replies).extracting(Reply::verdict).containsOnly(Verdict.UNPARSED);
        assertThat(replies).extracting(Reply::predicted).containsOnly("");
    }

    @Test
    void anIdenticalPromptIsRunOnceHoweverOftenAndWithWhateverAnswersItIsAsked() {
        ScriptedModel model = saying(Map.of(FRANCE, "Paris."));
        Examiner examiner = examiner(model, BARE);
        List<Reply> replies = examiner.ask(
                List.of(question(FRANCE, "Paris"), question(FRANCE, "Paris"), question(FRANCE, "Lyon", "Lyons")));
        examiner.ask(List.of(question(FRANCE, "Paris")));
        assertThat(model.generated).containsExactly(FRANCE);
        assertThat(replies).extracting(Reply::verdict).containsExactly(Verdict.RIGHT, Verdict.RIGHT, Verdict.WRONG);
    }

    @Test
    void theBatchSizeChangesNothingButTheReportsOfProgress() {
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            questions.add(question("item " + i + " is", "answer " + i % 3));
        }
        List<List<Reply>> all = new ArrayList<>();
        for (int batch : new int[] {1, 2, 3, 100}) {
            List<String> reports = new ArrayList<>();
            ScriptedModel model = new ScriptedModel(text -> "answer " + (text.length() % 2) + ".");
            all.add(new Examiner(model, Protocol.generated(BARE), batch)
                    .ask(questions, (done, total) -> reports.add(done + "/" + total)));
            assertThat(reports).hasSize((7 + batch - 1) / batch).last().isEqualTo("7/7");
        }
        assertThat(all).allMatch(all.get(0)::equals);
    }

    @Test
    void whatWasAnsweredBeforeAnInterruptionStaysKnown() {
        ScriptedModel model = saying(Map.of(FRANCE, "Paris.", ITALY, "Rome."));
        Examiner examiner = new Examiner(model, Protocol.generated(BARE), 1);
        List<Question> questions = List.of(question(FRANCE, "Paris"), question(ITALY, "Rome"));
        assertThatThrownBy(() -> examiner.ask(questions, (done, total) -> {
                    throw new IllegalStateException("stop");
                }))
                .hasMessage("stop");
        assertThat(examiner.knows(questions.get(0))).isTrue();
        assertThat(examiner.knows(questions.get(1))).isFalse();
        examiner.ask(questions);
        assertThat(model.generated).containsExactly(FRANCE, ITALY);
    }

    @Test
    void theSlowProtocolAsksEveryHopOfWhatWasSaidBefore() {
        Query first = new Template("a", Form.CLOZE, TemplateSplit.EDIT, "The country of {} is").fill("Hugo");
        Query second = new Template("b", Form.CLOZE, TemplateSplit.EDIT, "The capital of {} is").fill("France");
        String step = "The country of Hugo is";
        Question asked =
                question("The capital of the country of Hugo is", "Paris").withHops(List.of(first, second));
        Protocol slow = new Protocol(Protocol.Kind.SLOW, BARE, 8);

        ScriptedModel knows = saying(Map.of(step, "France. It", step + " France.\nThe capital of France is", "Paris."));
        Reply right = new Examiner(knows, slow, 8).ask(List.of(asked)).get(0);
        assertThat(right.verdict()).isEqualTo(Verdict.RIGHT);
        assertThat(right.steps()).containsExactly("France");
        assertThat(right.newTokens()).isEqualTo(2); // "France." and "Paris." are one token each

        // A wrong step is followed, not corrected: the second hop is asked of what was said.
        ScriptedModel errs = saying(Map.of(step, "Spain.", step + " Spain.\nThe capital of Spain is", "Madrid."));
        Reply wrong = new Examiner(errs, slow, 8).ask(List.of(asked)).get(0);
        assertThat(wrong.verdict()).isEqualTo(Verdict.WRONG);
        assertThat(wrong.steps()).containsExactly("Spain");
        assertThat(wrong.predicted()).isEqualTo("Madrid");

        Reply silent = new Examiner(ScriptedModel.silent(), slow, 8)
                .ask(List.of(asked))
                .get(0);
        assertThat(silent.verdict()).isEqualTo(Verdict.UNPARSED);
        assertThat(silent.steps()).isEmpty();
    }

    @Test
    void slowQuestionsKeepTheFormOfQuestions() {
        Query first = new Template("a", Form.QUESTION, TemplateSplit.EDIT, "Where is {} from?").fill("Hugo");
        Query second =
                new Template("b", Form.QUESTION, TemplateSplit.EDIT, "What is the capital of {}?").fill("France");
        Question asked = question("Q: x\nA:", "Paris").withHops(List.of(first, second));
        ScriptedModel model = saying(Map.of(
                "Q: Where is Hugo from?\nA:",
                "France",
                "Q: Where is Hugo from?\nA: France\nQ: What is the capital of France?\nA:",
                "Paris"));
        Protocol slow = new Protocol(Protocol.Kind.SLOW, FewShot.none(Form.QUESTION), 8);
        assertThat(new Examiner(model, slow, 8).ask(List.of(asked)).get(0).right())
                .isTrue();
    }

    @Test
    void aSingleHopIsTheSameFastAndSlow() {
        ScriptedModel model = saying(Map.of(FRANCE, "Paris."));
        Question one = question(FRANCE, "Paris");
        Protocol slow = new Protocol(Protocol.Kind.SLOW, BARE, 8);
        assertThat(new Examiner(model, slow, 8).ask(List.of(one)))
                .isEqualTo(new Examiner(model, Protocol.generated(BARE), 8).ask(List.of(one)));
    }

    @Test
    void badInputIsNamed() {
        ScriptedModel model = ScriptedModel.silent();
        assertThatThrownBy(() -> examiner(model, BARE).ask(List.of(question(" ", "Paris"))))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("empty prompt");
        model.contextLength = 20;
        assertThatThrownBy(() -> examiner(model, BARE).ask(List.of(question(FRANCE, "Paris"))))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("prompt beyond the context")
                .hasMessageContaining("at most 20 tokens")
                .hasMessageContaining("found 29");
        Protocol tight = new Protocol(Protocol.Kind.GENERATED, BARE, 3);
        assertThatThrownBy(() ->
                        new Examiner(model, tight, 8).ask(List.of(question(FRANCE, "the United States of America"))))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("no room for an answer")
                .hasMessageContaining("at least 6 new tokens for 'the United States of America'")
                .hasMessageContaining("found 3");
        assertThatThrownBy(() -> new Protocol(Protocol.Kind.GENERATED, BARE, 0)).isInstanceOf(BadInput.class);
    }
}

package modelpatch.thinking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.EntityNames;
import modelpatch.cases.Fact;
import modelpatch.cases.FactTable;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.cases.Relation;
import modelpatch.cases.Relations;
import modelpatch.cases.SuiteRecipe;
import modelpatch.cases.Template;
import modelpatch.cases.TemplateSplit;
import modelpatch.evaluate.Progress;
import modelpatch.evaluate.Protocol;
import modelpatch.evaluate.Reply;
import modelpatch.evaluate.ScriptedModel;
import modelpatch.evaluate.Verdict;
import org.junit.jupiter.api.Test;

class RespondentTest {
    private static final Mode FAST = Mode.direct("plain", "{prompt}");
    private static final Protocol BARE = Protocol.generated(FewShot.none(Form.CLOZE));
    private static final CompositionalCase CASE = CaseSuite.compose(
                    FactTable.of(List.of(
                            new Fact("Ann", "home", "home", "Arda"), new Fact("Arda", "capital", "capital", "Arno"))),
                    Relations.of(List.of(relation("home"), relation("capital"))),
                    EntityNames.none(),
                    SuiteRecipe.twoHops(1))
            .cases()
            .get(0);

    private static Relation relation(String id) {
        List<Template> templates = new ArrayList<>();
        for (TemplateSplit split : TemplateSplit.values()) {
            templates.add(new Template(id + split, Form.CLOZE, split, "The " + id + " of {} " + split.key() + " is"));
        }
        return new Relation(id, id, id, "the " + id + " of {}", templates);
    }

    private static ScriptedModel saying(Map<String, String> script) {
        return new ScriptedModel(text -> script.getOrDefault(text, ""));
    }

    private static Reply ask(ScriptedModel model, Mode mode) {
        return Respondent.generating(model, BARE).ask(mode, List.of(CASE)).get(0);
    }

    @Test
    void whatTheModelSaysOfTheFirstHopStandsInTheSecondRightOrWrong() {
        ScriptedModel model = saying(Map.of(
                "The home of Ann edit is", "Bela.",
                "The home of Ann edit is Bela.\nThe capital of Bela edit is", "Arno."));
        Reply reply = ask(model, Mode.hops("self-ask", 1));
        assertThat(reply.steps()).containsExactly("Bela");
        assertThat(reply.verdict()).isEqualTo(Verdict.RIGHT);
    }

    @Test
    void aSlowRunNeverReadsTheFastAnswer() {
        ScriptedModel model = saying(Map.of("The capital of the home of Ann edit is", "Nowhere."));
        Respondent respondent = Respondent.generating(model, BARE);
        assertThat(respondent.ask(FAST, List.of(CASE)).get(0).predicted()).isEqualTo("Nowhere");
        model.generated().clear();
        respondent.ask(Mode.hops("self-ask", 1), List.of(CASE));
        assertThat(model.generated()).isNotEmpty().noneMatch(prompt -> prompt.contains("Nowhere"));
    }

    @Test
    void aHopWithoutAnAnswerLeavesTheCaseUnparsed() {
        assertThat(ask(saying(Map.of()), Mode.hops("self-ask", 1)).verdict()).isEqualTo(Verdict.UNPARSED);
    }

    @Test
    void aThoughtIsReadBehindTheWordsThatStateItsAnswer() {
        Mode chain = new Mode("chain", Mode.Kind.WRITTEN, "{question} ?", 1, "So it is", 30, Optional.empty());
        String prompt = "The capital of the home of Ann edit is ?";
        Reply stated = ask(saying(Map.of(prompt, "Ann lives in Arda. So it is Arno.")), chain);
        assertThat(stated.verdict()).isEqualTo(Verdict.RIGHT);
        assertThat(stated.predicted()).isEqualTo("Arno");
        Reply never = ask(saying(Map.of(prompt, "Arno, if I am right.")), chain);
        assertThat(never.verdict()).isEqualTo(Verdict.UNPARSED);
    }

    @Test
    void aHintStandsBeforeTheWholeChain() {
        ScriptedModel model = saying(Map.of());
        Respondent.generating(model, BARE)
                .ask(Mode.hops("self-ask", 1), List.of(CASE), List.of("Perhaps Bruno.\n"), Progress.UNWATCHED);
        assertThat(model.generated()).allMatch(prompt -> prompt.startsWith("Perhaps Bruno.\nThe home of Ann"));
    }

    @Test
    void aWordingThatNoHopHasIsRefused() {
        assertThatThrownBy(() -> ask(saying(Map.of()), Mode.hops("odd", 9)))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("mode odd")
                .hasMessageContaining("at least 9 sentences");
    }
}

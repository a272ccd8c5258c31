package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import modelpatch.NeedsSmolLm2;
import modelpatch.SharedModel;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.NextToken;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The protocols on a model with a real vocabulary, whose merges and keys a scripted model does not have. */
@NeedsSmolLm2
class RealModelTest {
    private static final String FRANCE = "The capital of France is";
    private static final FewShot SHOTS =
            new FewShot("two", Form.CLOZE, List.of("The capital of Kenya is Nairobi.", "The capital of Peru is Lima."));
    private static LanguageModel model;

    @BeforeAll
    static void open() {
        model = LanguageModel.open(SharedModel.smolLm2(), LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Question question(String prompt, List<String> answers, List<String> rivals) {
        return new Question(prompt, answers, List.of(), answers, rivals);
    }

    private static Reply ask(Protocol protocol, Question question) {
        return new Examiner(model, protocol, 8).ask(List.of(question)).get(0);
    }

    @Test
    void theCapitalOfFranceIsParisUnderEveryProtocol() {
        Question france = question(FRANCE, List.of("Paris"), List.of("Rome", "London", "New York City"));
        for (Protocol.Kind kind : Protocol.Kind.values()) {
            for (FewShot shots : List.of(SHOTS, FewShot.none(Form.CLOZE))) {
                Reply reply = ask(new Protocol(kind, shots, 8), france);
                assertThat(reply.verdict()).as("%s %s", kind, shots.id()).isEqualTo(Verdict.RIGHT);
                assertThat(reply.predicted()).startsWith("Paris");
            }
        }
    }

    @Test
    void aSharedPrefixChangesNothingButTheCost() {
        Question parted = question(FRANCE, List.of("Paris"), List.of("Rome", "Lima"));
        Question inOne = question(SHOTS.text() + FRANCE, List.of("Paris"), List.of("Rome", "Lima"));
        Protocol generated = Protocol.generated(SHOTS);
        Protocol bare = Protocol.generated(FewShot.none(Form.CLOZE));
        assertThat(ask(generated, parted).predicted())
                .isEqualTo(ask(bare, inOne).predicted())
                .isEqualTo("Paris");
        Likelihood withPrefix =
                ask(generated.as(Protocol.Kind.SCORED), parted).score().orElseThrow();
        Likelihood whole = ask(bare.as(Protocol.Kind.SCORED), inOne).score().orElseThrow();
        assertThat(withPrefix.logProbability()).isCloseTo(whole.logProbability(), within(1e-4));
        assertThat(withPrefix.firstTokenRank())
                .isEqualTo(whole.firstTokenRank())
                .isEqualTo(1);
    }

    @Test
    void theScoreOfAnAnswerIsTheProductOfItsStepsThroughTheLogits() {
        String prompt = "The capital of the United States is";
        Likelihood score = ask(
                        Protocol.generated(SHOTS).as(Protocol.Kind.SCORED),
                        question(prompt, List.of("Washington, D.C."), List.of("Paris")))
                .score()
                .orElseThrow();
        int[] whole = model.tokenizer().encode(SHOTS.text() + prompt + " Washington, D.C.");
        int start = model.tokenizer().encode(SHOTS.text() + prompt).length;
        double sum = 0;
        for (int at = start; at < whole.length; at++) {
            float[] logits = model.nextLogits(new int[0], List.of(Arrays.copyOf(whole, at)))
                    .get(0);
            sum += logits[whole[at]] - NextToken.logSumExp(logits);
        }
        assertThat(score.tokens()).isEqualTo(whole.length - start).isGreaterThan(2);
        assertThat(score.logProbability()).isCloseTo(sum, within(1e-3));
    }
}

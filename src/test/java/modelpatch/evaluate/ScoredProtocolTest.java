package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import org.junit.jupiter.api.Test;

class ScoredProtocolTest {
    private static final Protocol SCORED =
            Protocol.generated(FewShot.none(Form.CLOZE)).as(Protocol.Kind.SCORED);

    private static Reply ask(ScriptedModel model, Question question) {
        return new Examiner(model, SCORED, 8).ask(List.of(question)).get(0);
    }

    private static Question question(String prompt, List<String> answers, List<String> rivals) {
        return new Question(prompt, answers, List.of(), answers, rivals);
    }

    /** After "is" the words x, New, York... have the probabilities 1/2, 1/4 and so on, so that joint probabilities can be multiplied by hand. */
    private static ScriptedModel cities() {
        double ln2 = Math.log(2);
        return ScriptedModel.silent()
                .after("is", "Paris", 20)
                .after("is", "New", 20 - ln2)
                .after("is", "Rome", 20 - 2 * ln2)
                .after("New", "York", 20)
                .after("New", "Delhi", 20 + ln2);
    }

    @Test
    void theProbabilityOfAnAnswerIsThatOfAllItsTokens() {
        // After "is": Paris 4/7, New 2/7, Rome 1/7. After "New": York 1/3, Delhi 2/3.
        Reply delhi = ask(cities(), question("it is", List.of("New Delhi"), List.of("Paris", "New York", "Rome")));
        Likelihood score = delhi.score().orElseThrow();
        assertThat(Math.exp(score.logProbability())).isCloseTo(2.0 / 7 * 2 / 3, within(1e-6));
        assertThat(score.perToken()).isEqualTo(score.logProbability() / 2);
        assertThat(score.promptChanged()).isFalse();
        assertThat(score.tokens()).isEqualTo(2);
        assertThat(score.rank()).isEqualTo(2); // 4/21 against Paris 12/21, Rome 3/21, New York 2/21
        assertThat(score.candidates()).isEqualTo(4);
        assertThat(score.firstTokenRank()).isEqualTo(2);
        assertThat(delhi.verdict()).isEqualTo(Verdict.WRONG);
        assertThat(delhi.predicted()).isEqualTo("Paris");
    }

    @Test
    void theLikeliestAcceptedNameCounts() {
        Reply reply = ask(cities(), question("it is", List.of("New York", "Rome"), List.of("New Delhi")));
        assertThat(reply.score().orElseThrow().name()).isEqualTo("Rome");
        assertThat(reply.score().orElseThrow().rank()).isEqualTo(2); // 3/21 against 4/21
        Reply right = ask(cities(), question("it is", List.of("Paris"), List.of("New Delhi", "Rome")));
        assertThat(right.verdict()).isEqualTo(Verdict.RIGHT);
        assertThat(right.predicted()).isEqualTo("Paris");
    }

    @Test
    void withoutRivalsNothingIsProved() {
        assertThat(ask(cities(), question("it is", List.of("Paris"), List.of())).verdict())
                .isEqualTo(Verdict.UNPARSED);
    }

    /** The rank that skips hopeless rivals is the rank of scoring everyone. */
    @Test
    void theRankIsThatOfScoringEveryRival() {
        SplittableRandom random = new SplittableRandom(17);
        int scored = 0;
        int rivalsInAll = 0;
        for (int trial = 0; trial < 60; trial++) {
            ScriptedModel model = ScriptedModel.silent();
            String[] words = {"a0", "a1", "a2", "a3", "a4", "a5", "a6"};
            for (String first : new String[] {"is", "a0", "a1", "a2", "a3", "a4", "a5", "a6"}) {
                for (String next : words) {
                    model.after(first, next, 6 * random.nextDouble());
                }
            }
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                StringBuilder name = new StringBuilder();
                int length = 1 + random.nextInt(3);
                for (int t = 0; t < length; t++) {
                    name.append(t == 0 ? "" : " ").append(words[random.nextInt(words.length)]);
                }
                if (!names.contains(name.toString())) {
                    names.add(name.toString());
                }
            }
            List<String> rivals = names.subList(1, names.size());
            Likelihood score = ask(model, question("it is", names.subList(0, 1), rivals))
                    .score()
                    .orElseThrow();
            scored += model.sequencesScored;
            rivalsInAll += rivals.size();
            double own = joint(model, names.get(0));
            long greater =
                    rivals.stream().filter(rival -> joint(model, rival) > own).count();
            assertThat(score.rank()).isEqualTo(1 + (int) greater);
            assertThat(score.logProbability()).isCloseTo(own, within(1e-5));
        }
        assertThat(scored).isLessThan(rivalsInAll);
    }

    private static double joint(ScriptedModel model, String name) {
        int[] prompt = model.tokenizer.encode("it is");
        double sum = 0;
        for (double logProbability : model.logProbabilities(
                        new int[0], List.of(prompt), List.of(model.tokenizer.encode(name)))
                .get(0)) {
            sum += logProbability;
        }
        return sum;
    }

    /** Where a vocabulary joins the prompt's last word with an answer, all candidates are scored from before that word. */
    @Test
    void anAnswerThatChangesThePromptsOwnTokensIsScoredOverTheSameText() {
        ScriptedModel model = ScriptedModel.silent();
        model.tokenizer.join("is", "Rome");
        model.after("it", "is", 10)
                .after("it", "is Rome", 11)
                .after("is", "Paris", 10)
                .after("is", "Bonn", 10);
        Likelihood score = ask(model, question("now it is", List.of("Rome"), List.of("Paris", "Bonn")))
                .score()
                .orElseThrow();
        // P("is Rome" | it) = e / (1 + e) against P("is" | it) P(Paris | is) = 1 / (1 + e) * 1/2
        assertThat(Math.exp(score.logProbability())).isCloseTo(Math.E / (1 + Math.E), within(1e-4));
        assertThat(score.tokens()).isEqualTo(1);
        assertThat(score.rank()).isEqualTo(1);
        assertThat(score.promptChanged()).isTrue();
        Likelihood paris = ask(model, question("now it is", List.of("Paris"), List.of("Rome", "Bonn")))
                .score()
                .orElseThrow();
        assertThat(Math.exp(paris.logProbability())).isCloseTo(0.5 / (1 + Math.E), within(1e-4));
        assertThat(paris.tokens()).isEqualTo(2);
        assertThat(paris.rank()).isEqualTo(2);
    }
}

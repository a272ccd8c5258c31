package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import org.junit.jupiter.api.Test;

class RoundingTiesTest {
    private static final Protocol PROTOCOL = new Protocol(Protocol.Kind.GENERATED, FewShot.none(Form.CLOZE), 4);
    /** The floor of the scripted logits is -12, so the engine's bound is the absolute one: 1e-4. */
    private static final double DECISIVE = 4e-4;

    private static Question question(String answer) {
        return new Question("home is", List.of(answer), List.of(), List.of(answer), List.of());
    }

    private static RoundingTies.Ways ways(double lead, String answer) {
        ScriptedModel model = ScriptedModel.silent()
                .after("is", "Rome", 3)
                .after("is", "Paris", 3 - lead)
                .after("Rome", ".", 5)
                .after("Paris", ".", 5);
        return new RoundingTies(model, PROTOCOL, 1).of(question(answer));
    }

    @Test
    void aLeadBeyondFourBoundsIsTheAnswerOfEveryRun() {
        RoundingTies.Ways ways = ways(1.1 * DECISIVE, "Paris");
        assertThat(ways.answers()).containsExactly("Rome");
        assertThat(ways.right()).isFalse();
        assertThat(ways.undecided()).isFalse();
        assertThat(ways.margin()).isCloseTo(1.1, within(1e-3));
    }

    @Test
    void aLeadWithinFourBoundsIsFollowedBothWays() {
        RoundingTies.Ways ways = ways(0.9 * DECISIVE, "Paris");
        assertThat(ways.answers()).containsExactly("Rome", "Paris");
        assertThat(ways.undecided()).isTrue();
        assertThat(ways.margin()).isCloseTo(0.9, within(1e-3));
    }

    @Test
    void aTieBetweenTwoWrongAnswersIsWrongAndOneBetweenTwoRightOnesIsRight() {
        assertThat(ways(0, "Oslo").undecided()).isFalse();
        assertThat(ways(0, "Oslo").right()).isFalse();
        ScriptedModel model = ScriptedModel.silent()
                .after("is", "Rome", 3)
                .after("Rome", ",", 2)
                .after("Rome", ".", 2)
                .after(",", ".", 2);
        RoundingTies.Ways ways = new RoundingTies(model, PROTOCOL, 1).of(question("Rome"));
        assertThat(ways.right()).isTrue();
        assertThat(ways.wrong()).isFalse();
    }

    @Test
    void theBoundGrowsWithTheLargestLogitAndTheFactorMultipliesIt() {
        assertThat(RoundingTies.decisive(new float[] {1, -2})).isCloseTo(4e-4, within(1e-12));
        assertThat(RoundingTies.decisive(new float[] {1, -200})).isCloseTo(4e-3, within(1e-9));
        ScriptedModel model = ScriptedModel.silent()
                .after("is", "Rome", 3)
                .after("is", "Paris", 3 - 1.5 * DECISIVE)
                .after("Rome", ".", 5)
                .after("Paris", ".", 5);
        assertThat(new RoundingTies(model, PROTOCOL, 1).of(question("Paris")).right())
                .isFalse();
        assertThat(new RoundingTies(model, PROTOCOL, 2).of(question("Paris")).undecided())
                .isTrue();
    }

    @Test
    void moreWaysThanCanBeFollowedLeaveTheAnswerUndecided() {
        ScriptedModel model = ScriptedModel.silent(); // every word as likely as every other
        for (int i = 0; i < 40; i++) {
            model.after("is", "word" + i, 1);
        }
        assertThat(new RoundingTies(model, PROTOCOL, 1).of(question("Rome")).undecided())
                .isTrue();
    }

    /** Threads, batches and kept prefixes all change the order of sums; what they change must stay within what the rule allows for. */
    @Test
    void twoRunsOfOneModelDifferByLessThanTheDecisiveLead() {
        List<String> prompts = List.of(
                "The favourite sport of the author of the Tale of Lonael is",
                "The crest of the author of the Tale of Lonael shows",
                "The home city of Livia Runock is",
                "The capital of Skornora is");
        List<List<float[]>> runs = new ArrayList<>();
        for (int threads = 1; threads <= 3; threads++) {
            try (LanguageModel model = LanguageModel.open(
                    Path.of("models", "default"), LoadOptions.defaults().withThreads(threads))) {
                List<int[]> ids = prompts.stream()
                        .map(prompt -> model.tokenizer().encode(prompt))
                        .toList();
                runs.add(model.nextLogits(new int[0], ids));
                runs.add(ids.stream()
                        .map(one -> model.nextLogits(new int[0], List.of(one)).get(0))
                        .toList());
                runs.add(ids.stream()
                        .map(one -> model.nextLogits(
                                        Arrays.copyOf(one, 3), List.of(Arrays.copyOfRange(one, 3, one.length)))
                                .get(0))
                        .toList());
            }
        }
        for (List<float[]> run : runs) {
            for (int i = 0; i < prompts.size(); i++) {
                assertThat(leadDifference(run.get(i), runs.get(0).get(i)))
                        .isLessThan(RoundingTies.decisive(run.get(i)));
            }
        }
    }

    /** By how much the lead of any token over any other differs between two runs. */
    private static double leadDifference(float[] one, float[] other) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (int token = 0; token < one.length; token++) {
            double difference = (double) one[token] - other[token];
            least = Math.min(least, difference);
            most = Math.max(most, difference);
        }
        return most - least;
    }
}

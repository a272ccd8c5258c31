package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
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
}

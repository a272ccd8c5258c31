package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import modelpatch.model.Readout;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class EffectTest {
    private static final Offset<Double> EXACT = within(1e-12);

    /** softmax(ln(1, 2, 3, 4)) is (0.1, 0.2, 0.3, 0.4). */
    @Test
    void effectsAreDifferencesOfProbabilityLogOddsAndLogitDifference() {
        Readout before = new Readout(new double[] {Math.log(1), Math.log(4)}, Math.log(10));
        Readout after = new Readout(new double[] {Math.log(4), Math.log(2)}, Math.log(10));
        Effect effect = Effect.between(before, after);
        assertThat(effect.probability()).isCloseTo(0.3, EXACT);
        assertThat(effect.logOdds()).isCloseTo(Math.log(4 / 6.0) - Math.log(1 / 9.0), EXACT);
        assertThat(effect.logitDifference()).isCloseTo(Math.log(2) - Math.log(1 / 4.0), EXACT);
    }

    @Test
    void anAnswerThatWasImpossibleAndStaysSoHasNoEffect() {
        Readout impossible = new Readout(new double[] {-800, 0}, 0);
        assertThat(Effect.between(impossible, impossible)).isEqualTo(new Effect(0, 0, 0));
    }

    @Test
    void meansAndDifferencesGoMeasureByMeasure() {
        Effect one = new Effect(0.5, 1, -2);
        Effect other = new Effect(0.1, 3, 4);
        Effect mean = Effect.mean(List.of(one, other));
        assertThat(mean.probability()).isCloseTo(0.3, EXACT);
        assertThat(mean.logOdds()).isCloseTo(2, EXACT);
        assertThat(mean.logitDifference()).isCloseTo(1, EXACT);
        assertThat(one.minus(one)).isEqualTo(new Effect(0, 0, 0));
        assertThat(Effect.Measure.LOG_ODDS.of(one)).isEqualTo(1);
    }
}

package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TallyTest {
    /** The posterior by its definition: the likelihood times 1 / sqrt(p (1 - p)), summed over small steps of p. */
    private static double summed(Tally tally, double rate) {
        int steps = 200_000;
        double below = 0;
        double all = 0;
        for (int i = 0; i < steps; i++) {
            double p = (i + 0.5) / steps;
            double density = Math.exp((tally.successes() - 0.5) * Math.log(p)
                    + (tally.n() - tally.successes() - 0.5) * Math.log1p(-p)
                    + tally.n());
            all += density;
            below += p <= rate ? density : 0;
        }
        return below / all;
    }

    @Test
    void theChanceOfARateIsThePosteriorUpToIt() {
        for (Tally tally : new Tally[] {new Tally(3, 20), new Tally(7, 9), new Tally(5, 300)}) {
            for (double rate : new double[] {0.02, 0.25, 0.8}) {
                assertThat(tally.chanceOfAtMost(rate)).isCloseTo(summed(tally, rate), within(1e-4));
            }
        }
    }

    @Test
    void failuresAreAsLikelyToBeManyAsSuccessesAreToBeFew() {
        assertThat(new Tally(3, 20).chanceOfAtMost(0.3))
                .isCloseTo(1 - new Tally(17, 20).chanceOfAtMost(0.7), within(1e-12));
        assertThat(new Tally(10, 20).chanceOfAtMost(0.5)).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void moreItemsOfTheSameRateMakeItSurer() {
        assertThat(new Tally(0, 300).chanceOfAtMost(0.015)).isGreaterThan(new Tally(0, 30).chanceOfAtMost(0.015));
        assertThat(new Tally(12, 300).chanceOfAtMost(0.015)).isLessThan(new Tally(1, 25).chanceOfAtMost(0.015));
    }

    @Test
    void thereAreNoMoreSuccessesThanItems() {
        assertThatThrownBy(() -> new Tally(3, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Tally(-1, 2)).isInstanceOf(IllegalArgumentException.class);
    }
}

package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IntervalTest {
    /** Newcombe 1998, Statistics in Medicine 17, 857-872, Table I, method 3 (score, no continuity correction). */
    @ParameterizedTest
    @CsvSource({"81, 263, 0.2553, 0.3662", "15, 148, 0.0624, 0.1605", "0, 20, 0.0000, 0.1611", "1, 29, 0.0061, 0.1718"})
    void wilsonAgreesWithNewcombesTable(long successes, long n, double low, double high) {
        Interval interval = Interval.wilson(successes, n).orElseThrow();
        assertThat(interval.low()).isCloseTo(low, within(5e-5));
        assertThat(interval.high()).isCloseTo(high, within(5e-5));
    }

    @Test
    void wilsonLimitsSolveTheScoreEquation() {
        // The limits are where |p - pi| = z sqrt(pi (1 - pi) / n), the definition from which the formula follows.
        double z = 1.959963984540054;
        for (long n = 1; n <= 60; n++) {
            for (long k = 0; k <= n; k++) {
                Interval interval = Interval.wilson(k, n).orElseThrow();
                double p = (double) k / n;
                for (double limit : new double[] {interval.low(), interval.high()}) {
                    assertThat(Math.pow(p - limit, 2)).isCloseTo(z * z * limit * (1 - limit) / n, within(1e-14));
                }
                assertThat(interval.contains(p)).isTrue();
                assertThat(interval.low()).isBetween(0.0, 1.0);
                assertThat(interval.high()).isBetween(0.0, 1.0);
            }
        }
    }

    @Test
    void wilsonIsSymmetricInSuccessAndFailure() {
        Interval successes = Interval.wilson(7, 30).orElseThrow();
        Interval failures = Interval.wilson(23, 30).orElseThrow();
        assertThat(failures.complement().low()).isCloseTo(successes.low(), within(1e-15));
        assertThat(failures.complement().high()).isCloseTo(successes.high(), within(1e-15));
    }

    @Test
    void noItemsGiveNoInterval() {
        assertThat(Interval.wilson(0, 0)).isEmpty();
    }

    @Test
    void allOrNoneRightGivesALimitOfExactlyOneOrZero() {
        assertThat(Interval.wilson(0, 7).orElseThrow().low()).isEqualTo(0.0);
        assertThat(Interval.wilson(7, 7).orElseThrow().high()).isEqualTo(1.0);
    }

    @Test
    void impossibleCountsAreRefused() {
        assertThatThrownBy(() -> Interval.wilson(3, 2)).hasMessageContaining("3 successes among 2");
        assertThatThrownBy(() -> new Interval(1, 0)).hasMessageContaining("from 1.0 to 0.0");
        assertThatThrownBy(() -> new Interval(Double.NaN, 0)).isInstanceOf(IllegalArgumentException.class);
    }
}

package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.junit.jupiter.api.Test;

class McNemarTest {
    /** 6 against 3 by hand: 2 (C(9,0) + C(9,1) + C(9,2) + C(9,3)) / 2^9 = 2 (1 + 9 + 36 + 84) / 512 = 260 / 512. */
    @Test
    void sixAgainstThreeIsTwoHundredSixtyOfFiveHundredTwelve() {
        assertThat(McNemar.exact(3, 6).pValue()).isCloseTo(260.0 / 512, within(1e-15));
        assertThat(McNemar.exact(6, 3).pValue()).isCloseTo(260.0 / 512, within(1e-15));
    }

    @Test
    void fiveAgainstNoneIsOneSixteenth() {
        assertThat(McNemar.exact(0, 5).pValue()).isCloseTo(1.0 / 16, within(1e-16));
    }

    @Test
    void nothingChangedOrEqualChangesGiveOne() {
        assertThat(McNemar.exact(0, 0).pValue()).isEqualTo(1.0);
        assertThat(McNemar.exact(4, 4).pValue()).isEqualTo(1.0);
        assertThat(McNemar.exact(1, 0).pValue()).isCloseTo(1, within(1e-15));
    }

    @Test
    void agreesWithIntegerArithmeticUpToTwoThousandDiscordantPairs() {
        for (int n : new int[] {1, 2, 3, 10, 41, 100, 999, 2000}) {
            BigInteger term = BigInteger.ONE;
            BigInteger tail = BigInteger.ZERO;
            for (int k = 0; 2 * k < n; k++) {
                tail = tail.add(term);
                term = term.multiply(BigInteger.valueOf(n - k)).divide(BigInteger.valueOf(k + 1));
                double exact = new BigDecimal(tail.shiftLeft(1))
                        .divide(new BigDecimal(BigInteger.TWO.pow(n)), MathContext.DECIMAL64)
                        .min(BigDecimal.ONE)
                        .doubleValue();
                double p = McNemar.exact(k, n - k).pValue();
                // Below the smallest double the exact value is 0 or subnormal.
                assertThat(p).isCloseTo(exact, within(Math.max(exact * 1e-11, Double.MIN_NORMAL)));
            }
        }
    }

    @Test
    void millionsOfDiscordantPairsAgreeWithTheNormalLimit() {
        // 2 P(X <= n/2 - c sqrt(n)/2) with the half of a continuity correction; c = 2.5758293035489 gives 0.01.
        long n = 4_000_000;
        long k = Math.round(n / 2.0 - 2.5758293035489 * Math.sqrt((double) n) / 2 - 0.5);
        assertThat(McNemar.exact(k, n - k).pValue()).isCloseTo(0.01, within(2e-5));
    }

    @Test
    void negativeCountsAreRefused() {
        assertThatThrownBy(() -> McNemar.exact(-1, 2)).hasMessageContaining("negative counts");
    }
}

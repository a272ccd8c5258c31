package modelpatch.evaluate;

import static modelpatch.evaluate.Verdict.RIGHT;
import static modelpatch.evaluate.Verdict.UNPARSED;
import static modelpatch.evaluate.Verdict.WRONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import modelpatch.document.ReportJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PairedOutcomeTest {
    @Test
    void everyPairOfVerdictsFallsIntoItsCell() {
        assertThat(PairedOutcome.of(RIGHT, RIGHT)).isEqualTo(new PairedOutcome(1, 0, 0, 0, 0));
        assertThat(PairedOutcome.of(RIGHT, WRONG)).isEqualTo(new PairedOutcome(0, 1, 0, 0, 0));
        assertThat(PairedOutcome.of(RIGHT, UNPARSED)).isEqualTo(new PairedOutcome(0, 1, 0, 0, 1));
        assertThat(PairedOutcome.of(WRONG, RIGHT)).isEqualTo(new PairedOutcome(0, 0, 1, 0, 0));
        assertThat(PairedOutcome.of(UNPARSED, RIGHT)).isEqualTo(new PairedOutcome(0, 0, 1, 0, 1));
        assertThat(PairedOutcome.of(WRONG, WRONG)).isEqualTo(new PairedOutcome(0, 0, 0, 1, 0));
        assertThat(PairedOutcome.of(UNPARSED, UNPARSED)).isEqualTo(new PairedOutcome(0, 0, 0, 1, 1));
    }

    /** With integers: r_C (1 - A_before) N and r_O A_before N are n01 and n10, so N delta = n01 - n10 = right after - right before. */
    @Test
    void theIdentityHoldsInIntegers() {
        for (long n11 = 0; n11 < 5; n11++) {
            for (long n10 = 0; n10 < 5; n10++) {
                for (long n01 = 0; n01 < 5; n01++) {
                    for (long n00 = 0; n00 < 5; n00++) {
                        PairedOutcome pairs = new PairedOutcome(n11, n10, n01, n00, 0);
                        assertThat(pairs.corrected().n() + pairs.harmed().n()).isEqualTo(pairs.total());
                        assertThat(pairs.corrected().n())
                                .isEqualTo(pairs.total() - pairs.rightBefore().successes());
                        assertThat(pairs.rightAfter().successes()
                                        - pairs.rightBefore().successes())
                                .isEqualTo(pairs.corrected().successes()
                                        - pairs.harmed().successes());
                        if (pairs.total() > 0) {
                            assertThat(pairs.delta().orElseThrow() * pairs.total())
                                    .isCloseTo((double) (n01 - n10), within(1e-12));
                        }
                    }
                }
            }
        }
    }

    @Test
    void anUndefinedRateIsEmptyAndNotZero() {
        PairedOutcome allRight = new PairedOutcome(5, 2, 0, 0, 0);
        assertThat(allRight.correctionRate()).isEmpty();
        assertThat(allRight.harmRate()).hasValue(2.0 / 7);
        PairedOutcome allWrong = new PairedOutcome(0, 0, 2, 3, 0);
        assertThat(allWrong.harmRate()).isEmpty();
        assertThat(allWrong.correctionRate()).hasValue(0.4);
        assertThat(PairedOutcome.NONE.delta()).isEmpty();
        assertThat(PairedOutcome.NONE.rightBefore().wilson()).isEmpty();
    }

    /** 48 landmark questions on a 135M model, fast against slow: r_C 6/14 in [.21, .67], r_O 3/34 in [.03, .23], exact McNemar p = .51. */
    @Test
    void theMeasuredLandmarkTableIsReproduced() {
        PairedOutcome pairs = new PairedOutcome(31, 3, 6, 8, 0);
        assertThat(pairs.total()).isEqualTo(48);
        assertThat(pairs.rightBefore().rate().orElseThrow()).isCloseTo(.708, within(5e-4));
        assertThat(pairs.rightAfter().rate().orElseThrow()).isCloseTo(.771, within(5e-4));
        assertThat(pairs.delta().orElseThrow()).isCloseTo(.0625, within(1e-15));
        assertThat(pairs.corrected().wilson().orElseThrow().low()).isCloseTo(.21, within(.005));
        assertThat(pairs.corrected().wilson().orElseThrow().high()).isCloseTo(.67, within(.005));
        assertThat(pairs.harmed().wilson().orElseThrow().low()).isCloseTo(.03, within(.005));
        assertThat(pairs.harmed().wilson().orElseThrow().high()).isCloseTo(.23, within(.005));
        assertThat(pairs.mcNemar().pValue()).isCloseTo(.51, within(.005));
    }

    /**
     * Rows of Table 1 of arXiv 2507.18178 (accuracy of the fast answer, of the slow one, their difference, correction and overthinking in
     * points, r_O and r_C in per cent). A row with all pairs parsed satisfies delta = delta_C - delta_O to the rounding of the print.
     */
    @ParameterizedTest
    @CsvSource({
        "LLaMA-8B,  60.3, 40.0, 17.3,  5.4",
        "LLaMA-70B, 81.1, 38.1,  7.2,  1.3",
        "QwQ-32B,   77.7, 54.6,  5.5,  7.9",
    })
    void publishedRatesGiveThePublishedDifference(
            String model, double fast, double correction, double harm, double delta) {
        // Counts out of 100,000 that round to the printed percentages.
        long right = Math.round(fast * 1_000);
        long wrong = 100_000 - right;
        long n01 = Math.round(correction / 100 * wrong);
        long n10 = Math.round(harm / 100 * right);
        PairedOutcome pairs = new PairedOutcome(right - n10, n10, n01, wrong - n01, 0);
        assertThat(100 * pairs.delta().orElseThrow()).as(model).isCloseTo(delta, within(0.11));
    }

    /**
     * The LLaMA-1B row prints delta 0.1, delta_C 17.9, delta_O 17.3, r_C 29.4, r_O 52.6: the parts differ by 0.6, not 0.1, because 6.2 % of the
     * items were dropped from the rates. Counted as wrong, unparsed items keep the identity.
     */
    @Test
    void thePublishedRowThatDroppedUnparsedItemsBreaksTheIdentityAndOursCannot() {
        assertThat(17.9 - 17.3).isNotCloseTo(0.1, within(0.2));
        assertThat(17.9 / .294 + 17.3 / .526).isCloseTo(93.8, within(0.1));
        PairedOutcome withUnparsed = new PairedOutcome(156, 195, 195, 454, 62);
        assertThat(withUnparsed.total()).isEqualTo(1000);
        assertThat(withUnparsed.delta().orElseThrow())
                .isEqualTo(withUnparsed.rightAfter().rate().orElseThrow()
                        - withUnparsed.rightBefore().rate().orElseThrow());
    }

    @Test
    void poolingAddsTheCells() {
        PairedOutcome one = new PairedOutcome(1, 2, 3, 4, 5);
        PairedOutcome two = new PairedOutcome(10, 20, 30, 40, 50);
        assertThat(PairedOutcome.pool(List.of(one, two))).isEqualTo(new PairedOutcome(11, 22, 33, 44, 55));
        assertThat(PairedOutcome.pool(List.of())).isEqualTo(PairedOutcome.NONE);
    }

    @Test
    void impossibleCountsAreRefused() {
        assertThatThrownBy(() -> new PairedOutcome(-1, 0, 0, 0, 0)).hasMessageContaining("n11 -1");
        // A pair that is right twice was read twice.
        assertThatThrownBy(() -> new PairedOutcome(9, 0, 1, 0, 2)).hasMessageContaining("2 unparsed pairs among 1");
    }

    @Test
    void jsonHasTheFourCountsAndNullForWhatIsUndefined() throws Exception {
        ObjectMapper mapper = ReportJson.mapper();
        PairedOutcome pairs = new PairedOutcome(3, 1, 0, 0, 1);
        JsonNode json = mapper.readTree(mapper.writeValueAsString(pairs));
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly("n11", "n10", "n01", "n00", "unparsed", "r_C", "r_O", "delta");
        assertThat(json.get("r_C").isNull()).isTrue();
        assertThat(json.get("r_O").asDouble()).isEqualTo(0.25);
        assertThat(mapper.treeToValue(json, PairedOutcome.class)).isEqualTo(pairs);
    }
}

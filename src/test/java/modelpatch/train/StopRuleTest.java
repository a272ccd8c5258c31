package modelpatch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class StopRuleTest {
    private static final StopRule RULE = new StopRule(0.99, 0.99, 0.30, 0.60, 1000, 100);

    @Test
    void holdsWhereEverythingTaughtIsKnownAndTheGapIsWithinItsBounds() {
        assertThat(RULE.holds(1000, exam(100, 100, 100, 55))).isTrue();
        assertThat(RULE.holds(1000, exam(99, 99, 100, 70))).isTrue();
        assertThat(RULE.holds(1000, exam(99, 99, 100, 40))).isTrue();
    }

    @Test
    void everyConditionIsNeeded() {
        assertThat(RULE.holds(999, exam(100, 100, 100, 55))).isFalse();
        assertThat(RULE.holds(1000, exam(98, 100, 100, 55))).isFalse();
        assertThat(RULE.holds(1000, exam(100, 98, 100, 55))).isFalse();
        assertThat(RULE.holds(1000, exam(100, 100, 100, 71))).isFalse();
        assertThat(RULE.holds(1000, exam(100, 100, 100, 39))).isFalse();
    }

    @Test
    void anUndefinedGapStopsNothing() {
        Exam nothingKnown = exam(100, 100, 0, 0);
        assertThat(nothingKnown.gap()).isEmpty();
        assertThat(RULE.holds(1000, nothingKnown)).isFalse();
    }

    @Test
    void aGapBoundedFromTheWrongSidesIsRefused() {
        assertThatThrownBy(() -> new StopRule(0.99, 0.99, 0.6, 0.3, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gapLow");
    }

    private static Exam exam(int factsKnown, int taughtKnown, int heldOutKnown, int heldOutRight) {
        return new Exam(100, factsKnown, 100, taughtKnown, heldOutKnown, heldOutRight);
    }
}

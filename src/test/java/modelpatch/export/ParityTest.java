package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import modelpatch.export.Parity.Measure;
import modelpatch.export.Parity.Way;
import org.junit.jupiter.api.Test;

/** When an export holds: near enough in every way, the same greedy text for every prompt, and no suite broken. */
class ParityTest {
    private static Parity parity(Measure measure, double limit, int greedy, Way... ways) {
        return new Parity(measure, limit, List.of(ways), Map.of(), greedy, 3, 12, Map.of());
    }

    private static Way way(double difference, double kl) {
        return new Way("whole", difference, OptionalDouble.of(kl), 5, 5);
    }

    @Test
    void logitsAreNearUpToTheLimitAndItself() {
        assertThat(parity(Measure.LOGIT_DIFFERENCE, 2e-4, 3, way(2e-4, 0)).holds())
                .isTrue();
        assertThat(parity(Measure.LOGIT_DIFFERENCE, 2e-4, 3, way(2.1e-4, 0)).holds())
                .isFalse();
    }

    @Test
    void everyWayOfRunningTheFileCounts() {
        assertThat(parity(Measure.LOGIT_DIFFERENCE, 2e-4, 3, way(1e-5, 0), way(1e-3, 0), way(1e-5, 0))
                        .holds())
                .isFalse();
        assertThat(parity(Measure.LOGIT_DIFFERENCE, 2e-4, 3, way(1e-5, 0), way(Double.NaN, 0))
                        .holds())
                .isFalse();
    }

    @Test
    void nearLogitsWithAnotherGreedyTextDoNotHold() {
        assertThat(parity(Measure.LOGIT_DIFFERENCE, 2e-4, 2, way(1e-5, 0)).holds())
                .isFalse();
        assertThat(parity(Measure.LOGIT_DIFFERENCE, 2e-4, 2, way(1e-5, 0)).isNearEnough())
                .isFalse();
    }

    @Test
    void otherNumbersOnPurposeAreMeasuredByTheirDivergenceAlone() {
        assertThat(parity(Measure.KL_MEAN, 0.01, 1, way(3, 0.01)).holds()).isTrue();
        assertThat(parity(Measure.KL_MEAN, 0.01, 3, way(3, 0.011)).holds()).isFalse();
        assertThat(parity(Measure.KL_MEAN, 0.01, 3, way(3, 0.001), new Way("cached", 0, OptionalDouble.empty(), 5, 5))
                        .holds())
                .as("a way that was not measured")
                .isFalse();
    }

    @Test
    void aBrokenSuiteBreaksTheExport() {
        Parity near = parity(Measure.LOGIT_DIFFERENCE, 2e-4, 3, way(1e-5, 0));
        Parity broken = new Parity(
                near.measure(),
                near.limit(),
                near.ways(),
                Map.of(),
                3,
                3,
                12,
                Map.of("a", List.of(), "b", List.of("case")));
        assertThat(broken.isNearEnough()).isTrue();
        assertThat(broken.holds()).isFalse();
    }
}

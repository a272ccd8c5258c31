package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Slopes of all heads by one backward pass against central differences of the exact effect, and its size where the change is small. */
class HeadAttributionTest {
    private static final int[] DONOR = {9, 8, 7, 6, 5};
    private static final int[] RECIPIENT = {1, 2, 3, 4, 5, 6};
    private static final int TOKEN = 11;

    /** Small enough for a straight line, large enough for a difference of two float32 logits. */
    private static final double STEP = 0.02;

    @ParameterizedTest
    @MethodSource("modelpatch.model.ConformanceFamilies#names")
    void theAttributedEffectIsTheSlopeOfTheExactOneAtEveryPosition(String family) {
        try (LanguageModel model = LanguageModel.open(ConformanceFamilies.path(family), LoadOptions.defaults());
                RecordedRun donor = model.record(new int[] {3}, DONOR);
                RecordedRun recipient = model.record(new int[] {3}, RECIPIENT)) {
            for (int position : new int[] {RECIPIENT.length - 1, 2}) {
                HeadAttribution attribution = new HeadAttribution(model, recipient, position, TOKEN);
                for (int layer = 0; layer < model.config().nLayers(); layer++) {
                    for (int index = 0; index < model.config().nHeads(); index++) {
                        HeadAddress head = new HeadAddress(layer, index);
                        float[] z = donor.z(head, DONOR.length - 1);
                        assertThat(attribution.effect(head, z))
                                .as("%s at %d", head, position)
                                .isCloseTo(difference(recipient, head, position, z), within(2e-3));
                    }
                }
            }
        }
    }

    private static double difference(RecordedRun recipient, HeadAddress head, int position, float[] z) {
        float[] own = recipient.z(head, position);
        List<List<Intervention>> sets = new ArrayList<>();
        for (double step : new double[] {STEP, -STEP}) {
            float[] moved = new float[z.length];
            for (int i = 0; i < z.length; i++) {
                moved[i] = (float) (own[i] + step * (z[i] - own[i]));
            }
            sets.add(List.of(Intervention.head(head, position, moved)));
        }
        List<Readout> said = recipient.resume(position, sets, new int[] {TOKEN}, false);
        return (said.get(0).logits()[0] - said.get(1).logits()[0]) / (2 * STEP);
    }
}

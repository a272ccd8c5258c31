package modelpatch.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.cases.FewShot;
import modelpatch.cases.Form;
import org.junit.jupiter.api.Test;

class CremeMetricTest {
    private static final ClusterBootstrap BOOTSTRAP = new ClusterBootstrap(500, 1);
    /** softmax(ln 1, ln 2, ln 3, ln 4) = (0.1, 0.2, 0.3, 0.4) */
    private static final float[] LOGITS = {0, (float) Math.log(2), (float) Math.log(3), (float) Math.log(4)};

    @Test
    void severalPiecesAreAveragedAtOnePosition() {
        assertThat(CremeMetric.probability(LOGITS, new int[] {1, 3})).isCloseTo(0.3, within(1e-7));
        assertThat(CremeMetric.meanRank(LOGITS, new int[] {1, 3})).isEqualTo(2);
    }

    @Test
    void aPieceThatOccursTwiceCountsTwiceInTheMeanButOnceInTheSumOfRanks() {
        assertThat(CremeMetric.probability(LOGITS, new int[] {1, 3, 3})).isCloseTo((0.2 + 0.4 + 0.4) / 3, within(1e-7));
        assertThat(CremeMetric.meanRank(LOGITS, new int[] {1, 3, 3})).isCloseTo((3 + 1) / 3.0, within(1e-12));
    }

    @Test
    void tiesAreRankedById() {
        float[] flat = {1, 1, 1};
        assertThat(CremeMetric.meanRank(flat, new int[] {0})).isEqualTo(1);
        assertThat(CremeMetric.meanRank(flat, new int[] {2})).isEqualTo(3);
    }

    @Test
    void aChangeFromZeroIsZero() {
        assertThat(CremeMetric.change(0, 0.5)).isEqualTo(0);
        assertThat(CremeMetric.change(0.2, 0.5)).isCloseTo(1.5, within(1e-12));
    }

    @Test
    void anAnswerWithoutPiecesIsRefused() {
        assertThatThrownBy(() -> CremeMetric.probability(LOGITS, new int[0])).hasMessageContaining("without pieces");
    }

    /** Two cases, by hand: A has changes 1 and 3, mean 2; B has change -0.5; C starts at 0. Mean 0.5, median 0. */
    @Test
    void probesAreAveragedWithinTheirCaseFirst() {
        List<CremeMetric.Probe> probes =
                List.of(probe("A", "wrong"), probe("A", null), probe("B", "wrong"), probe("C", null));
        CremeMetric.Summary summary = CremeMetric.summary(
                probes,
                List.of(reading(.1, .2), reading(.1), reading(.4, .1), reading(0)),
                List.of(reading(.2, .1), reading(.4), reading(.2, .3), reading(.5)),
                BOOTSTRAP);
        assertThat(summary.meanChange().value().orElseThrow()).isCloseTo((2 - 0.5 + 0) / 3, within(1e-12));
        assertThat(summary.medianChange().value().orElseThrow()).isCloseTo(0, within(1e-12));
        assertThat(summary.meanWrongChange().value().orElseThrow()).isCloseTo((-.5 + 2) / 2, within(1e-12));
        assertThat(summary.meanWrongChange().n()).isEqualTo(2);
        assertThat(summary.raised()).isEqualTo(new Tally(3, 4));
        assertThat(summary.winsBefore()).isEqualTo(new Tally(1, 2));
        assertThat(summary.winsAfter()).isEqualTo(new Tally(1, 2));
    }

    @Test
    void noProbesGiveNothingAndNotZero() {
        CremeMetric.Summary summary = CremeMetric.summary(List.of(), List.of(), List.of(), BOOTSTRAP);
        assertThat(summary.meanChange().value()).isEmpty();
        assertThat(summary.raised().rate()).isEmpty();
    }

    @Test
    void readingsComeFromTheLastPositionOfThePrompt() {
        ScriptedModel model = ScriptedModel.silent()
                .after("is", "New", 20)
                .after("is", "York", 20 + Math.log(3))
                .after("is", "Rome", 20 + Math.log(4));
        List<CremeMetric.Reading> readings = CremeMetric.read(
                model,
                Protocol.generated(FewShot.none(Form.CLOZE)),
                List.of(
                        new CremeMetric.Probe("a", "it is", "New York", Optional.of("Rome")),
                        new CremeMetric.Probe("b", "it is", "Rome", Optional.empty())));
        assertThat(readings.get(0).answer()).isCloseTo((1 / 8.0 + 3 / 8.0) / 2, within(1e-6));
        assertThat(readings.get(0).wrong().orElseThrow()).isCloseTo(0.5, within(1e-6));
        assertThat(readings.get(1).answer()).isCloseTo(0.5, within(1e-6));
        assertThat(readings.get(1).wrong()).isEmpty();
    }

    private static CremeMetric.Probe probe(String caseId, String wrong) {
        return new CremeMetric.Probe(caseId, "prompt", "answer", Optional.ofNullable(wrong));
    }

    private static CremeMetric.Reading reading(double answer) {
        return new CremeMetric.Reading(answer, OptionalDouble.empty());
    }

    private static CremeMetric.Reading reading(double answer, double wrong) {
        return new CremeMetric.Reading(answer, OptionalDouble.of(wrong));
    }
}

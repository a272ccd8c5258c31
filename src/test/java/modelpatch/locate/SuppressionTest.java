package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.model.ActivationCache;
import modelpatch.model.ConformanceFamilies;
import modelpatch.model.Intervention;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.NextToken;
import modelpatch.model.Site;
import modelpatch.solve.LogitShift;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Suppressing an implicit result by its definition, and against the obvious way: a whole run for every block. */
class SuppressionTest {
    private static final int[] NO_PREFIX = {};
    private static final int[] IDS = {3, 14, 15, 9, 26, 5};
    private static final int POSITION = 3;
    private static final int IMPLICIT = 7;
    private static final int ANSWER = 11;

    private final LanguageModel model = LanguageModel.open(ConformanceFamilies.path("llama"), LoadOptions.defaults());

    @AfterEach
    void close() {
        model.close();
    }

    private LogitShift shift() {
        return LogitShift.of(
                model.weight(model.layout().unembedding().linear().weight()),
                model.config().dModel());
    }

    private Intervention change(Site site, int token) {
        float[] residual = model.run(NO_PREFIX, List.of(IDS), Set.of(site), List.of(), false)
                .at(0, site, POSITION);
        double[] logits = shift().logits(IntStream.range(0, residual.length)
                .mapToDouble(i -> residual[i])
                .toArray());
        return Intervention.add(site, POSITION, Suppression.change(shift(), logits, token, ANSWER));
    }

    private ActivationCache changed(Site site, int token) {
        return model.run(NO_PREFIX, List.of(IDS), Set.of(site), List.of(List.of(change(site, token))), true);
    }

    @Test
    void theSuppressedTokenFallsToTheLeastLogitAndTheAnswerKeepsItsOwn() {
        Site site = new Site(Site.Kind.RESIDUAL_POST, 1);
        float[] before = model.run(NO_PREFIX, List.of(IDS), Set.of(site), List.of(), false)
                .at(0, site, POSITION);
        float[] after = changed(site, IMPLICIT).at(0, site, POSITION);
        var read = model.lens(List.of(before, after), new int[] {IMPLICIT, ANSWER}, false);
        double least = IntStream.range(0, model.config().dVocab())
                .mapToDouble(token ->
                        model.lens(List.of(before), new int[] {token}, false).logits()[0][0])
                .min()
                .orElseThrow();
        assertThat(read.logits()[1][0]).isCloseTo(least, within(1e-4)).isLessThan(read.logits()[0][0]);
        assertThat(read.logits()[1][1]).isCloseTo(read.logits()[0][1], within(1e-4));
    }

    @Test
    void resumedProbabilitiesAreThoseOfWholeRuns() {
        Suppression suppression = Suppression.of(model, IDS, POSITION, IMPLICIT, ANSWER, 1);
        assertThat(suppression.layers()).hasSize(model.config().nLayers());
        for (Suppression.Layer layer : suppression.layers()) {
            float[] logits = changed(new Site(Site.Kind.RESIDUAL_POST, layer.layer()), IMPLICIT)
                    .logits(0);
            double probability = Math.exp(logits[ANSWER] - NextToken.logSumExp(logits));
            assertThat(layer.after()).isCloseTo(probability, within(1e-5));
            assertThat(layer.control().n()).isEqualTo(20);
            assertThat(layer.control()
                            .interval()
                            .orElseThrow()
                            .contains(layer.control().value().orElseThrow()))
                    .isTrue();
        }
        assertThat(Suppression.of(model, IDS, POSITION, IMPLICIT, ANSWER, 1)).isEqualTo(suppression);
        assertThat(Suppression.of(model, IDS, POSITION, IMPLICIT, ANSWER, 2)).isNotEqualTo(suppression);
    }
}

package modelpatch.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.edit.TinyWorld;
import modelpatch.model.LanguageModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriftMeterTest {
    private static final Path CANARY = Path.of("eval", "canary.txt");
    private static final List<String> PROMPTS = List.of("e the home of naa is nab .", "t nac has as river");

    @TempDir
    static Path folder;

    private static LanguageModel model;

    @BeforeAll
    static void open() throws java.io.IOException {
        model = TinyWorld.at(folder).open();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void aModelHasNoDriftFromItself() {
        Drift drift = DriftMeter.on("prompts", model, PROMPTS).measure(model);
        assertThat(drift.klMean()).isZero();
        assertThat(drift.topFlips()).isZero();
        assertThat(drift.perplexityAfter()).isEqualTo(drift.perplexityBefore());
        assertThat(drift.perplexityRatio()).isEqualTo(1);
        assertThat(drift.tokens()).isEqualTo(13);
    }

    @Test
    void aContextThatSeveralPassagesShareIsComparedOnce() {
        List<String> shared = List.of("e the home of naa is nab .", "e the home of nac is nab .", "e the home");
        try (LanguageModel changed = model.with(turned())) {
            Drift once = DriftMeter.on("prompts", model, shared.subList(0, 2)).measure(changed);
            Drift again = DriftMeter.on("prompts", model, shared).measure(changed);
            assertThat(again.tokens()).isEqualTo(once.tokens()).isEqualTo(8 + 4);
            assertThat(again.klMean()).isEqualTo(once.klMean()).isPositive();
            assertThat(again.topFlips()).isEqualTo(once.topFlips());
        }
    }

    /** W_O of one block, doubled and turned round. */
    private static Map<String, float[]> turned() {
        String name = model.outputName(1);
        float[] weight = model.weight(name);
        for (int i = 0; i < weight.length; i++) {
            weight[i] *= -2;
        }
        return Map.of(name, weight);
    }

    @Test
    void driftIsTheDivergenceByItsDefinition() {
        try (LanguageModel changed = model.with(turned())) {
            Drift drift = DriftMeter.on("prompts", model, PROMPTS).measure(changed);
            double divergence = 0;
            double loss = 0;
            int positions = 0;
            int predicted = 0;
            for (String prompt : PROMPTS) {
                int[] ids = model.tokenizer().encode(prompt);
                float[][] p = model.allLogits(new int[0], ids);
                float[][] q = changed.allLogits(new int[0], ids);
                for (int at = 0; at < ids.length; at++) {
                    double[] before = probabilities(p[at]);
                    double[] after = probabilities(q[at]);
                    for (int i = 0; i < before.length; i++) {
                        divergence += before[i] * Math.log(before[i] / after[i]);
                    }
                    positions++;
                    if (at + 1 < ids.length) {
                        loss -= Math.log(after[ids[at + 1]]);
                        predicted++;
                    }
                }
            }
            assertThat(drift.klMean()).isPositive().isCloseTo(divergence / positions, within(1e-9));
            assertThat(drift.perplexityAfter()).isCloseTo(Math.exp(loss / predicted), within(1e-9));
        }
    }

    private static double[] probabilities(float[] logits) {
        double sum = 0;
        double[] values = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            values[i] = Math.exp(logits[i]);
            sum += values[i];
        }
        for (int i = 0; i < values.length; i++) {
            values[i] /= sum;
        }
        return values;
    }

    @Test
    void aVocabularyOfWordsIsMeasuredOnWhatItCanRead() {
        assertThat(DriftMeter.canWrite(model, PROMPTS.get(0))).isTrue();
        assertThat(DriftMeter.canWrite(model, "granite forms slowly")).isFalse();
        assertThat(DriftMeter.of(model, CANARY, () -> PROMPTS).measure(model).text())
                .isEqualTo("generic prompts");
    }

    @Test
    void theCanaryTextHasSeveralPassagesOfSeveralKinds() {
        List<String> passages = DriftMeter.passages(CANARY);
        assertThat(passages).hasSizeGreaterThanOrEqualTo(8).doesNotHaveDuplicates();
        assertThat(passages.stream()
                        .mapToInt(passage -> passage.split("\\s+").length)
                        .sum())
                .isBetween(250, 600);
    }

    @Test
    void withoutTextThereIsNothingToMeasure() {
        assertThatThrownBy(() -> DriftMeter.on("prompts", model, List.of("naa")))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("drift");
    }
}

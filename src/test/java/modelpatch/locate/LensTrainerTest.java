package modelpatch.locate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.evaluate.Onlooker;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.LensTraining;
import modelpatch.model.LoadOptions;
import modelpatch.model.Site;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tuned lenses of a model of random weights and of the embedded model. */
class LensTrainerTest {
    private static final LensTrainer.Options SHORT = new LensTrainer.Options(8, 1e-3, 1);

    private static LanguageModel llama;
    private static LensTrainer.Trained trained;

    @TempDir
    Path folder;

    @BeforeAll
    static void train() {
        llama = open("llama");
        trained = new LensTrainer(llama, SHORT, Clock.systemUTC()).run(Onlooker.NOBODY);
    }

    @AfterAll
    static void close() {
        llama.close();
    }

    private static LanguageModel open(String family) {
        return LanguageModel.open(Path.of("src/test/resources/conformance", family), LoadOptions.defaults());
    }

    private static List<float[]> rows(LanguageModel model, int layer) {
        Site site = new Site(Site.Kind.RESIDUAL_POST, layer);
        ActivationCache run =
                model.run(new int[0], List.of(new int[] {1, 2, 3, 4, 5, 6, 7, 8}), Set.of(site), List.of(), false);
        return IntStream.range(0, 8).mapToObj(at -> run.at(0, site, at)).toList();
    }

    @Test
    void everyBlockComesNearerToWhatTheModelSaysInTheEnd() {
        assertThat(trained.document().layers()).hasSize(llama.config().nLayers() - 1);
        trained.document()
                .layers()
                .forEach(layer ->
                        assertThat(layer.tuned()).as("layer %d", layer.layer()).isLessThan(layer.logitLens()));
    }

    @Test
    void theLastBlockIsReadAsItIs() {
        float[] row = rows(llama, llama.config().nLayers() - 1).get(0);
        assertThat(trained.lens().translated(llama.config().nLayers() - 1, row)).isSameAs(row);
    }

    @Test
    void theSameSeedTrainsTheSameLens() {
        TunedLens again = new LensTrainer(llama, SHORT, Clock.systemUTC())
                .run(Onlooker.NOBODY)
                .lens();
        assertThat(again.matrices().get(0)).isEqualTo(trained.lens().matrices().get(0));
        assertThat(again.biases().get(0)).isEqualTo(trained.lens().biases().get(0));
    }

    @Test
    void whatIsFoldedSaysWhatWasTrained() {
        List<float[]> states = rows(llama, 0);
        List<float[]> last = rows(llama, llama.config().nLayers() - 1);
        try (LensTraining training = new LensTraining(llama, states)) {
            assertThat(training.step(states, last, 0))
                    .isCloseTo(LensTraining.divergence(llama, states, last), within(1e-6));
            for (int step = 0; step < 5; step++) {
                training.step(states, last, 1e-2);
            }
            TunedLens lens = new TunedLens(List.of(training.matrix()), List.of(training.bias()));
            List<float[]> translated = new ArrayList<>();
            states.forEach(row -> translated.add(lens.translated(0, row)));
            double folded = LensTraining.divergence(llama, translated, last);
            assertThat(training.step(states, last, 0)).isCloseTo(folded, within(1e-5));
        }
    }

    @Test
    void aLensIsReadBackForAModelWithTheSameUnembeddingAndForNoOther() {
        Path file = folder.resolve("llama.lens.safetensors");
        trained.lens().write(file, llama);
        TunedLens read = TunedLens.read(file, llama);
        assertThat(read.matrices().get(0)).isEqualTo(trained.lens().matrices().get(0));
        String output = llama.outputName(0);
        float[] patched = llama.weight(output);
        patched[0] += 1;
        try (LanguageModel edited = llama.with(Map.of(output, patched))) {
            assertThat(TunedLens.read(file, edited).biases().get(0))
                    .isEqualTo(read.biases().get(0));
        }
        try (LanguageModel other = open("mistral")) {
            assertThatThrownBy(() -> TunedLens.read(file, other))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("unembedding");
        }
        assertThatThrownBy(
                        () -> TunedLens.read(Path.of("src/test/resources/conformance/llama/model.safetensors"), llama))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("tuned lens");
    }
}

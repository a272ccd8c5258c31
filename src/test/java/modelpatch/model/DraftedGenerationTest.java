package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DraftedGenerationTest {
    private static final int MOST = 6;

    private static boolean stop(int[] said) {
        return said[said.length - 1] % 7 == 3;
    }

    private static LanguageModel open(String name) {
        return LanguageModel.open(Path.of("src/test/resources/conformance", name), LoadOptions.defaults());
    }

    private static int[] ids(int count, int seed) {
        return new SplittableRandom(seed).ints(count, 0, 97).toArray();
    }

    private static List<int[]> prompts() {
        return IntStream.range(0, 40).mapToObj(i -> ids(2 + i % 5, i)).toList();
    }

    /** W_O of a block, turned round; and, where the whole pass is wanted, the embedding as it is. */
    private static Map<String, float[]> turned(LanguageModel model, int layer, boolean fromTheBottom) {
        Map<String, float[]> changed = new HashMap<>();
        float[] weight = model.weight(model.outputName(layer));
        for (int i = 0; i < weight.length; i++) {
            weight[i] *= -2;
        }
        changed.put(model.outputName(layer), weight);
        if (fromTheBottom) {
            String table = model.layout().embedding().table();
            changed.put(table, model.weight(table));
        }
        return changed;
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "gpt2", "gemma2"})
    void whateverTheGuessTheModelSaysWhatItSaysTokenByToken(String name) {
        try (LanguageModel model = open(name)) {
            for (int[] prefix : List.of(new int[0], ids(4, 99))) {
                List<int[]> expected = model.generate(prefix, prompts(), MOST, DraftedGenerationTest::stop);
                for (int wrong = -1; wrong <= MOST; wrong++) {
                    List<int[]> guesses = new ArrayList<>();
                    for (int[] right : expected) {
                        int[] guess = Arrays.copyOf(right, wrong < 0 ? MOST + 2 : right.length);
                        if (wrong >= 0 && wrong < guess.length) {
                            guess[wrong] = (guess[wrong] + 1) % 97;
                        }
                        guesses.add(wrong == MOST ? new int[0] : guess);
                    }
                    assertThat(model.generate(prefix, prompts(), guesses, MOST, DraftedGenerationTest::stop))
                            .containsExactly(expected.toArray(int[][]::new));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "gpt2", "gemma2", "olmo2"})
    void aViewThatBeginsAtItsFirstChangeSaysWhatItSaysFromTheBottom(String name) {
        try (LanguageModel model = open(name)) {
            int[] prefix = ids(4, 99);
            List<int[]> guesses = model.generate(prefix, prompts(), MOST, DraftedGenerationTest::stop);
            for (int layer = 1; layer < model.config().nLayers(); layer++) {
                try (LanguageModel view = model.with(turned(model, layer, false));
                        LanguageModel plain = model.with(turned(model, layer, true))) {
                    assertThat(view.unchanged().map(Unchanged::blocks)).contains(layer);
                    assertThat(plain.unchanged()).isEmpty();
                    List<int[]> expected = plain.generate(prefix, prompts(), MOST, DraftedGenerationTest::stop);
                    for (int again = 0; again < 2; again++) { // the second time the beginnings are there
                        assertThat(view.generate(prefix, prompts(), guesses, MOST, DraftedGenerationTest::stop))
                                .containsExactly(expected.toArray(int[][]::new));
                    }
                    assertThat(expected.stream().map(Arrays::toString).toList())
                            .isNotEqualTo(guesses.stream().map(Arrays::toString).toList());
                    int[] prompt = ids(9, 7);
                    float[][] found = view.allLogits(prefix, prompt);
                    float[][] whole = plain.allLogits(prefix, prompt);
                    for (int at = 0; at < prompt.length; at++) {
                        for (int i = 0; i < found[at].length; i++) {
                            assertThat(found[at][i]).isCloseTo(whole[at][i], within(1e-5f)); // float32 in other batches
                        }
                    }
                    List<double[]> scores = view.logProbabilities(prefix, prompts(), prompts());
                    List<double[]> scored = plain.logProbabilities(prefix, prompts(), prompts());
                    for (int i = 0; i < scores.size(); i++) {
                        assertThat(scores.get(i)).containsExactly(scored.get(i), within(1e-5));
                    }
                }
            }
        }
    }

    @Test
    void aViewOfAViewHasInCommonWithTheRootWhatNeitherChanges() {
        try (LanguageModel model = open("llama");
                LanguageModel first = model.with(turned(model, 2, false));
                LanguageModel lower = first.with(turned(model, 1, false));
                LanguageModel higher =
                        first.with(turned(model, 3 % model.config().nLayers(), false));
                LanguageModel nothing = model.with(Map.of())) {
            assertThat(model.unchanged()).isEmpty();
            assertThat(lower.unchanged()).contains(new Unchanged(model, 1));
            assertThat(higher.unchanged().map(Unchanged::blocks).orElse(0)).isLessThanOrEqualTo(2);
            assertThat(nothing.unchanged())
                    .contains(new Unchanged(model, model.config().nLayers()));
            int[] prompt = ids(5, 1);
            assertThat(nothing.allLogits(new int[0], prompt)).isDeepEqualTo(model.allLogits(new int[0], prompt));
        }
    }

    @Test
    void nothingNativeIsLeftBehind() {
        try (LanguageModel model = open("llama")) {
            int[] prefix = ids(4, 99);
            List<int[]> guesses = Collections.nCopies(40, ids(3, 1));
            Runnable work = () -> {
                try (LanguageModel view = model.with(turned(model, 1, false))) {
                    view.generate(prefix, prompts(), guesses, MOST, DraftedGenerationTest::stop);
                    view.allLogits(prefix, ids(5, 1));
                }
            };
            work.run();
            int before = LanguageModel.liveNativeArrays();
            work.run();
            work.run();
            assertThat(LanguageModel.liveNativeArrays()).isEqualTo(before);
        }
    }
}

package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What batches, caches, prefixes and interventions must not change, on conformance checkpoints. */
class LanguageModelTest {
    private static final int[] NONE = {};

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma2", "mistral", "gpt2", "gpt_neox", "opt"})
    void aBatchOfRaggedPromptsAfterAPrefixGivesTheNumbersOfEachPromptAlone(String name) {
        try (LanguageModel model = open(name)) {
            int[] prefix = ids(9, 1);
            List<int[]> prompts = List.of(ids(5, 2), ids(12, 3), ids(5, 4), ids(1, 5));
            List<float[]> batched = model.nextLogits(prefix, prompts);
            for (int i = 0; i < prompts.size(); i++) {
                float[][] alone = model.allLogits(NONE, joined(prefix, prompts.get(i)));
                close(batched.get(i), alone[alone.length - 1]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma2", "mistral", "gpt2", "gpt_neox", "opt"})
    void generationWithKeptKeysIsThatOfRunningEverythingAgain(String name) {
        try (LanguageModel model = open(name)) {
            int[] prefix = ids(6, 1);
            List<int[]> prompts = List.of(ids(4, 2), ids(7, 3), ids(4, 4), ids(4, 6));
            List<int[]> generated =
                    model.generate(prefix, prompts, 10, soFar -> soFar.length > 2 && last(soFar) % 3 == 0);
            for (int i = 0; i < prompts.size(); i++) {
                int[] soFar = NONE;
                while (soFar.length < 10 && !(soFar.length > 2 && last(soFar) % 3 == 0)) {
                    float[][] logits = model.allLogits(NONE, joined(joined(prefix, prompts.get(i)), soFar));
                    soFar = joined(soFar, NextToken.argmax(logits[logits.length - 1]));
                }
                assertThat(generated.get(i)).isEqualTo(soFar);
            }
        }
    }

    @Test
    void logProbabilitiesAreThoseOfTheLogitsBeforeEachToken() {
        try (LanguageModel model = open("qwen3")) {
            int[] prefix = ids(4, 1);
            List<int[]> prompts = List.of(ids(3, 2), ids(6, 3));
            List<int[]> continuations = List.of(ids(2, 4), ids(5, 5));
            List<double[]> found = model.logProbabilities(prefix, prompts, continuations);
            for (int i = 0; i < prompts.size(); i++) {
                int[] before = joined(prefix, prompts.get(i));
                float[][] logits = model.allLogits(NONE, joined(before, continuations.get(i)));
                for (int t = 0; t < continuations.get(i).length; t++) {
                    assertThat(found.get(i)[t])
                            .isCloseTo(
                                    NextToken.logSoftmax(logits[before.length - 1 + t])[
                                            continuations.get(i)[t]],
                                    within(1e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma2", "mistral", "gpt2", "gpt_neox", "gptj", "opt", "olmo2", "phi3", "qwen3"})
    void interventionsResumedTogetherEqualOneWholeRunEach(String name) {
        try (LanguageModel model = open(name)) {
            int[] prefix = ids(5, 7);
            int[] prompt = ids(20, 8);
            int position = 17;
            int layers = model.config().nLayers();
            SplittableRandom random = new SplittableRandom(11);
            List<List<Intervention>> sets = new ArrayList<>();
            for (int layer = 0; layer < layers; layer++) {
                for (int head = 0; head < model.config().nHeads(); head++) {
                    float[] z = noise(random, model.config().dHead());
                    sets.add(List.of(Intervention.head(new HeadAddress(layer, head), position, z)));
                }
                float[] row = noise(random, model.config().dModel());
                Site attention = new Site(Site.Kind.ATTENTION_OUT, layer);
                Site mlp = new Site(Site.Kind.MLP_OUT, Math.min(layers - 1, layer + 1));
                sets.add(List.of(Intervention.replace(attention, position, row), Intervention.add(mlp, position, row)));
                sets.add(List.of(Intervention.add(new Site(Site.Kind.RESIDUAL_POST, layer), position, row)));
            }
            int[] all = IntStream.range(0, model.config().dVocab()).toArray();
            List<Readout> resumed;
            try (RecordedRun run = model.record(prefix, prompt)) {
                resumed = run.resume(position, sets, all, true);
            }
            for (int i = 0; i < sets.size(); i++) {
                float[] naive = model.run(prefix, List.of(prompt), Set.of(), List.of(sets.get(i)))
                        .logits(0);
                for (int token : all) {
                    assertThat(resumed.get(i).logits()[token]).isCloseTo(naive[token], within(1e-5));
                }
                assertThat(resumed.get(i).logSumExp()).isCloseTo(NextToken.logSumExp(naive), within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma2", "gpt_neox"})
    void severalRunsResumedSideBySideGiveWhatEachGivesAlone(String name) {
        try (LanguageModel model = open(name)) {
            int[] prefix = ids(5, 7);
            List<int[]> prompts = List.of(ids(9, 1), ids(6, 2), ids(9, 3));
            int[] positions = {8, 2, 5};
            int[] tokens = {1, 7};
            List<RecordedRun> runs = model.record(prefix, prompts);
            List<WhatIf> asked = new ArrayList<>();
            List<List<Readout>> alone = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                int position = positions[i];
                SplittableRandom random = new SplittableRandom(i);
                List<List<Intervention>> sets = new ArrayList<>();
                for (int layer = model.config().nLayers() - 1; layer >= 0; layer--) {
                    float[] z = noise(random, model.config().dHead());
                    sets.add(List.of(Intervention.head(new HeadAddress(layer, 1), position, z)));
                    float[] row = noise(random, model.config().dModel());
                    sets.add(List.of(Intervention.replace(new Site(Site.Kind.MLP_OUT, layer), position, row)));
                }
                asked.add(new WhatIf(runs.get(i), position, sets, tokens));
                try (RecordedRun one = model.record(prefix, prompts.get(i))) {
                    alone.add(one.resume(position, sets, tokens, true));
                }
            }
            List<List<Readout>> together = model.resume(asked, true);
            for (int i = 0; i < prompts.size(); i++) {
                for (int set = 0; set < alone.get(i).size(); set++) {
                    Readout expected = alone.get(i).get(set);
                    Readout found = together.get(i).get(set);
                    assertThat(found.logits()).containsExactly(expected.logits(), within(1e-5));
                    assertThat(found.logSumExp()).isCloseTo(expected.logSumExp(), within(1e-5));
                }
            }
            runs.forEach(RecordedRun::close);
        }
    }

    @Test
    void aReplacedTensorChangesTheViewAndLeavesTheBaseAlone() {
        try (LanguageModel model = open("llama")) {
            int[] prompt = ids(6, 1);
            float[] before = model.nextLogits(NONE, List.of(prompt)).get(0);
            String name = model.outputName(1);
            float[] weight = model.weight(name);
            float[] doubled = weight.clone();
            for (int i = 0; i < doubled.length; i++) {
                doubled[i] *= 2;
            }
            try (LanguageModel view = model.with(Map.of(name, doubled))) {
                assertThat(view.nextLogits(NONE, List.of(prompt)).get(0)).isNotEqualTo(before);
                assertThat(view.weight(name)).isEqualTo(doubled);
            }
            assertThat(model.weight(name)).isEqualTo(weight);
            assertThat(model.nextLogits(NONE, List.of(prompt)).get(0)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "gpt2", "gptj"})
    void aSteppedRunReadsWhatTheEditedModelReadsFromTheStart(String name) {
        try (LanguageModel model = open(name)) {
            int[] prefix = ids(5, 1);
            List<int[]> prompts = List.of(ids(6, 2), ids(4, 3), ids(6, 4));
            String edited = model.outputName(1);
            float[] weight = model.weight(edited);
            for (int i = 0; i < weight.length; i++) {
                weight[i] *= 1.5f;
            }
            Set<Site.Kind> kinds = Set.of(Site.Kind.Z, Site.Kind.RESIDUAL_PRE);
            try (LanguageModel view = model.with(Map.of(edited, weight));
                    SteppedRun run = model.step(prefix, prompts)) {
                Map<Site.Kind, float[][]> at1 = run.read(1, kinds);
                run.use(view);
                Map<Site.Kind, float[][]> at2 = run.read(2, kinds);
                for (int i = 0; i < prompts.size(); i++) {
                    int last = prefix.length + prompts.get(i).length - 1;
                    List<int[]> whole = List.of(joined(prefix, prompts.get(i)));
                    for (Site.Kind kind : kinds) {
                        Site below = new Site(kind, 1);
                        Site above = new Site(kind, 2);
                        close(
                                at1.get(kind)[i],
                                model.run(NONE, whole, Set.of(below), List.of()).at(0, below, last));
                        close(
                                at2.get(kind)[i],
                                view.run(NONE, whole, Set.of(above), List.of()).at(0, above, last));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "olmo2", "gptj"})
    void aSteppedRunThatBeginsWhereAnotherStoodReadsTheSameWithoutWhatLiesBelow(String name) {
        try (LanguageModel model = open(name)) {
            int[] prefix = ids(5, 1);
            List<int[]> prompts = List.of(ids(6, 2), ids(4, 3), ids(6, 4));
            Set<Site.Kind> kinds = Set.of(Site.Kind.Z, Site.Kind.RESIDUAL_MID, Site.Kind.RESIDUAL_POST);
            try (SteppedRun first = model.step(prefix, prompts);
                    SteppedRun second = model.step(prefix, prompts, first.standing(1))) {
                for (int layer = 1; layer < model.config().nLayers(); layer++) {
                    Map<Site.Kind, float[][]> expected = first.read(layer, kinds);
                    Map<Site.Kind, float[][]> found = second.read(layer, kinds);
                    kinds.forEach(kind -> assertThat(found.get(kind)).isDeepEqualTo(expected.get(kind)));
                }
                assertThatThrownBy(() -> second.read(0, kinds)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gptj", "gemma2"})
    void logitsOfChosenTokensAreThoseOfTheWholeVocabulary(String name) {
        try (LanguageModel model = open(name);
                RecordedRun run = model.record(ids(5, 1), ids(6, 2))) {
            float[] z = new float[model.config().dHead()];
            List<List<Intervention>> sets = List.of(
                    List.of(Intervention.head(new HeadAddress(1, 1), 5, z)),
                    List.of(Intervention.head(new HeadAddress(0, 0), 5, z)));
            int[] tokens = {96, 3, 3, 0};
            List<Readout> whole = run.resume(5, sets, tokens, true);
            List<Readout> chosen = run.resume(5, sets, tokens, false);
            for (int set = 0; set < sets.size(); set++) {
                assertThat(chosen.get(set).logits())
                        .containsExactly(whole.get(set).logits(), within(1e-5));
                assertThat(chosen.get(set).logSumExp()).isNaN();
            }
        }
    }

    @Test
    void nothingNativeIsLeftBehindByRuns() {
        try (LanguageModel model = open("llama")) {
            work(model); // makes the numbers and the prefix that are kept
            int before = LanguageModel.liveNativeArrays();
            for (int i = 0; i < 20; i++) {
                work(model);
            }
            assertThat(LanguageModel.liveNativeArrays()).isEqualTo(before);
        }
    }

    private static void work(LanguageModel model) {
        int[] prefix = ids(4, 1);
        List<int[]> prompts = List.of(ids(3, 2), ids(6, 3));
        model.generate(prefix, prompts, 4, ids -> ids.length > 1 && ids[0] % 2 == 0);
        model.nextLogits(prefix, prompts);
        model.logProbabilities(prefix, prompts, prompts);
        ActivationCache cache = model.run(prefix, prompts, Set.of(new Site(Site.Kind.RESIDUAL_POST, 1)), List.of());
        model.lens(List.of(cache.at(0, new Site(Site.Kind.RESIDUAL_POST, 1), 0)), new int[] {1, 2}, true);
        try (RecordedRun run = model.record(prefix, ids(8, 4))) {
            float[] z = new float[model.config().dHead()];
            run.resume(7, List.of(List.of(Intervention.head(new HeadAddress(0, 1), 7, z))), new int[] {3}, true);
        }
    }

    @Test
    void whatCannotBeRunIsRefusedWithItsReason() {
        try (LanguageModel model = open("llama")) {
            refused(() -> model.nextLogits(NONE, List.of(NONE)), "empty prompt");
            refused(() -> model.nextLogits(NONE, List.of(new int[] {3, 97})), "0 to 96", "97");
            refused(() -> model.nextLogits(NONE, List.of(new int[] {-1})), "0 to 96", "-1");
            refused(() -> model.nextLogits(ids(100, 1), List.of(ids(29, 2))), "at most 128 tokens", "129");
            refused(() -> model.generate(NONE, List.of(ids(120, 2)), 9, ids -> false), "at most 128 tokens");
            refused(() -> model.tokenizer(), "no tokenizer");
        }
        Path llama = Path.of("src/test/resources/conformance/llama");
        refused(() -> LanguageModel.open(llama, new LoadOptions(1, false, 1 << 20)), "--max-memory");
    }

    private static void refused(Runnable call, String... parts) {
        assertThatThrownBy(call::run).isInstanceOf(BadInput.class).hasMessageContainingAll(parts);
    }

    private static LanguageModel open(String name) {
        return LanguageModel.open(Path.of("src/test/resources/conformance", name), LoadOptions.defaults());
    }

    /** Some ids below 97. */
    private static int[] ids(int count, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).map(i -> random.nextInt(97)).toArray();
    }

    private static float[] noise(SplittableRandom random, int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextDouble(-0.5, 0.5);
        }
        return values;
    }

    private static int last(int[] ids) {
        return ids[ids.length - 1];
    }

    private static int[] joined(int[] a, int... b) {
        int[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    /** Batched and single runs sum in other orders: float32 rounding at logits of order 1. */
    private static void close(float[] found, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-5f));
        }
    }
}

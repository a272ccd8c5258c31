package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.checkpoint.Sha256;
import modelpatch.model.AdapterTraining.Preference;
import modelpatch.model.AdapterTraining.Sequence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Factors beside a model's weights: their gradients against central differences of a double oracle, and the base left as it was. */
class AdapterTrainingTest {
    private static final DecoderTraining.Optimizer OPTIMIZER = new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, 0, 1);
    private static final double STEP = 1e-5;
    private static final double BETA = 0.3;

    /** Three lengths, so that they are no block of equal rows; an importance of 0 in between. */
    private static final List<Sequence> BATCH = List.of(
            new Sequence(new int[] {1, 2, 3, 4, 5}, new float[] {0, 0, 1, 0, 0.5f}),
            new Sequence(new int[] {6, 7, 8}, new float[] {0, 1, 1}),
            new Sequence(new int[] {9, 10, 11, 12}, new float[] {0, 0, 0, 2}));

    private static final List<Preference> PAIRS = List.of(
            new Preference(
                    new Sequence(new int[] {1, 2, 3, 4}, new float[] {0, 0, 1, 1}),
                    new Sequence(new int[] {1, 2, 5}, new float[] {0, 0, 1}),
                    0.7),
            new Preference(
                    new Sequence(new int[] {6, 7, 8}, new float[] {0, 0, 1}),
                    new Sequence(new int[] {6, 7, 9}, new float[] {0, 0, 1}),
                    -0.2));

    private LanguageModel base;

    @BeforeEach
    void open() {
        base = LanguageModel.open(
                Path.of("src/test/resources/conformance", "llama"),
                LoadOptions.defaults().withThreads(1));
    }

    @AfterEach
    void close() {
        base.close();
    }

    /** Factors of the attention of both blocks; B is not zero, else A has no gradient. */
    private Adapter drawn() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
        Adapter start =
                Adapter.beginning(base.layout(), linear -> linear.weight().contains("self_attn"), 2, 3, random);
        Map<String, Adapter.Factors> factors = new LinkedHashMap<>();
        start.factors().forEach((name, one) -> {
            float[] b = new float[one.b().length];
            for (int i = 0; i < b.length; i++) {
                b[i] = (float) (0.3 * random.nextGaussian());
            }
            factors.put(name, new Adapter.Factors(one.dOut(), one.dIn(), one.a(), b));
        });
        return new Adapter(2, 3, factors);
    }

    @Test
    void gradientsOfTheFactorsAreThoseOfTheDefinition() {
        Adapter adapter = drawn();
        try (AdapterTraining training = new AdapterTraining(base, adapter, OPTIMIZER, 1)) {
            assertGradients(adapter, training.gradients(BATCH), this::crossEntropy);
        }
    }

    @Test
    void gradientsOfPreferencesAreThoseOfEquationSeven() {
        Adapter adapter = drawn();
        try (AdapterTraining training = new AdapterTraining(base, adapter, OPTIMIZER, 1)) {
            assertGradients(adapter, training.gradients(PAIRS, BETA), this::preference);
        }
    }

    @Test
    void aStepSaysTheLossOfTheDefinitionAndLowersIt() {
        Adapter adapter = drawn();
        double expected = crossEntropy(oracle(doubles(adapter)));
        try (AdapterTraining training = new AdapterTraining(base, adapter, OPTIMIZER, 1)) {
            double before = training.step(BATCH, 0.01);
            assertThat(before).isCloseTo(expected, within(1e-5));
            for (int i = 0; i < 20; i++) {
                training.step(BATCH, 0.01);
            }
            assertThat(training.step(BATCH, 0.01)).isLessThan(before - 0.5);
            assertThat(training.steps()).isEqualTo(22);
        }
        expected = preference(oracle(doubles(adapter)));
        try (AdapterTraining training = new AdapterTraining(base, adapter, OPTIMIZER, 1)) {
            assertThat(training.prefer(PAIRS, BETA, 0.01)).isCloseTo(expected, within(1e-5));
        }
    }

    @Test
    void anAdaptedModelIsTheModelWithTheProductAdded() {
        Adapter adapter = drawn();
        Map<String, float[]> merged = new LinkedHashMap<>();
        weights(doubles(adapter)).forEach((name, values) -> {
            if (adapter.factors().containsKey(name)) {
                merged.put(name, floats(values));
            }
        });
        int[] prompt = {7, 8, 9, 10};
        try (LanguageModel beside = base.with(adapter);
                LanguageModel inside = base.with(merged)) {
            float[][] expected = inside.allLogits(new int[0], prompt);
            float[][] found = beside.allLogits(new int[0], prompt);
            for (int t = 0; t < expected.length; t++) {
                assertThat(found[t]).containsExactly(expected[t], within(1e-5f)); // float32 products summed otherwise
            }
            assertThat(found[3]).isNotEqualTo(base.allLogits(new int[0], prompt)[3]);
            assertThat(beside.generate(new int[0], List.of(prompt), 5, ids -> false)
                            .get(0))
                    .isEqualTo(inside.generate(new int[0], List.of(prompt), 5, ids -> false)
                            .get(0));
        }
    }

    @Test
    void anAdapterThatHasLearnedNothingChangesNoBit() {
        Adapter zero = Adapter.beginning(
                base.layout(),
                linear -> true,
                2,
                2,
                RandomGeneratorFactory.of("L64X128MixRandom").create(1));
        assertThat(zero.isZero()).isTrue();
        try (LanguageModel adapted = base.with(zero)) {
            assertThat(adapted.allLogits(new int[0], new int[] {3, 4, 5}))
                    .isDeepEqualTo(base.allLogits(new int[0], new int[] {3, 4, 5}));
        }
    }

    @Test
    void trainingLeavesTheBaseAsItWasToTheBitAlsoAfterAnException() {
        float[][] logits = base.allLogits(new int[0], new int[] {3, 4, 5});
        Map<String, String> digests = digests();
        int arrays = LanguageModel.liveNativeArrays();
        try (AdapterTraining training = new AdapterTraining(base, drawn(), OPTIMIZER, 1)) {
            training.step(BATCH, 0.1);
            List<Sequence> unknown = List.of(new Sequence(new int[] {1, 999}, new float[] {0, 1}));
            assertThatThrownBy(() -> training.step(unknown, 0.1)).isInstanceOf(BadInput.class);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 60; i++) {
                            training.step(BATCH, 1e30);
                        }
                    })
                    .hasMessageContaining("ran away");
        }
        assertThat(base.allLogits(new int[0], new int[] {3, 4, 5})).isDeepEqualTo(logits);
        assertThat(digests()).isEqualTo(digests);
        assertThat(LanguageModel.liveNativeArrays()).isEqualTo(arrays);
    }

    @Test
    void theSameStepsGiveTheSameBytes() {
        assertThat(trained()).isEqualTo(trained());
    }

    private List<String> trained() {
        try (AdapterTraining training = new AdapterTraining(base, drawn(), OPTIMIZER, 1)) {
            training.step(BATCH, 0.01);
            training.prefer(PAIRS, BETA, 0.01);
            return training.adapter().factors().values().stream()
                    .flatMap(one -> Stream.of(Sha256.of(one.a()), Sha256.of(one.b())))
                    .toList();
        }
    }

    @Test
    void anAdapterOfAnotherModelIsRefusedByName() {
        Adapter other =
                new Adapter(1, 1, Map.of("no.such.weight", new Adapter.Factors(2, 2, new float[2], new float[2])));
        assertThatThrownBy(() -> base.with(other))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("adapter of another model")
                .hasMessageContaining("no.such.weight");
        assertThatThrownBy(() -> new AdapterTraining(base, other, OPTIMIZER, 1)).isInstanceOf(BadInput.class);
        assertThatThrownBy(() -> new Adapter(0, 1, Map.of())).hasMessageContaining("rank");
        assertThatThrownBy(() -> new Adapter(1, Double.NaN, Map.of())).hasMessageContaining("alpha");
    }

    @Test
    void promptsThatGoOnByTheArgmaxOfTheirLogitsAreGreedyContinuations() {
        List<int[]> prompts = List.of(new int[] {7, 8, 9}, new int[] {10, 11}, new int[] {3, 4, 5});
        List<int[]> greedy = base.generate(new int[] {5, 6}, prompts, 4, ids -> ids.length == 2 && ids[0] % 2 == 0);
        int arrays = LanguageModel.liveNativeArrays(); // the prefix is kept from here on
        List<List<Integer>> written = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        try (OpenRun run = base.open(new int[] {5, 6}, prompts)) {
            for (int step = 0; step < 4; step++) {
                float[][] logits = run.logits();
                int[] next = new int[3];
                Arrays.fill(next, OpenRun.LEAVES);
                for (int i = 0; i < 3; i++) {
                    List<Integer> ids = written.get(i);
                    if (logits[i] != null) {
                        ids.add(argmax(logits[i]));
                        boolean stops = ids.size() == 2 && ids.get(0) % 2 == 0;
                        next[i] = stops ? OpenRun.LEAVES : ids.get(ids.size() - 1);
                    }
                }
                run.goOn(next);
            }
        }
        for (int i = 0; i < 3; i++) {
            assertThat(written.get(i))
                    .isEqualTo(Arrays.stream(greedy.get(i)).boxed().toList());
        }
        assertThat(LanguageModel.liveNativeArrays()).isEqualTo(arrays);
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    // ---- the oracle

    private void assertGradients(Adapter adapter, Map<String, List<float[]>> found, ToDoubleFunction<NaiveLlama> loss) {
        Map<String, List<double[]>> factors = doubles(adapter);
        assertThat(found.keySet()).isEqualTo(adapter.factors().keySet());
        found.forEach((name, gradients) -> {
            for (int which = 0; which < 2; which++) {
                double[] values = factors.get(name).get(which);
                double error = 0;
                double norm = 0;
                for (int i = 0; i < values.length; i += 7) { // every seventh: each takes two whole passes
                    double kept = values[i];
                    values[i] = kept + STEP;
                    double above = loss.applyAsDouble(oracle(factors));
                    values[i] = kept - STEP;
                    double below = loss.applyAsDouble(oracle(factors));
                    values[i] = kept;
                    double exact = (above - below) / (2 * STEP);
                    error += Math.pow(gradients.get(which)[i] - exact, 2);
                    norm += exact * exact;
                }
                assertThat(Math.sqrt(error / norm))
                        .as(name + " " + "AB".charAt(which))
                        .isLessThan(1e-4);
            }
        });
    }

    private Map<String, double[]> weights(Map<String, List<double[]>> factors) {
        Map<String, double[]> weights = new LinkedHashMap<>();
        base.layout().tensors().keySet().forEach(name -> {
            double[] values = doubles(base.weight(name));
            if (factors.containsKey(name)) {
                double[] a = factors.get(name).get(0);
                double[] b = factors.get(name).get(1);
                int dIn = a.length / 2;
                for (int i = 0; i < values.length; i++) {
                    for (int k = 0; k < 2; k++) {
                        values[i] += 1.5 * b[i / dIn * 2 + k] * a[k * dIn + i % dIn];
                    }
                }
            }
            weights.put(name, values);
        });
        return weights;
    }

    private NaiveLlama oracle(Map<String, List<double[]>> factors) {
        return new NaiveLlama(base.layout(), weights(factors));
    }

    private double crossEntropy(NaiveLlama model) {
        double sum = 0;
        double total = 0;
        for (Sequence one : BATCH) {
            sum -= logProbability(model, one);
            for (int t = 1; t < one.ids().length; t++) {
                total += one.importance()[t];
            }
        }
        return sum / total;
    }

    private double preference(NaiveLlama model) {
        double sum = 0;
        for (Preference pair : PAIRS) {
            double margin = logProbability(model, pair.chosen()) - logProbability(model, pair.rejected());
            sum += Math.log1p(Math.exp(-BETA * (margin - pair.reference())));
        }
        return sum / PAIRS.size();
    }

    private double logProbability(NaiveLlama model, Sequence one) {
        double[][] x = model.residual(one.ids(), base.config().nLayers() - 1);
        double sum = 0;
        for (int t = 1; t < one.ids().length; t++) {
            double[] logits = model.logits(x[t - 1]);
            double all = Arrays.stream(logits).map(Math::exp).sum();
            sum += one.importance()[t] * (logits[one.ids()[t]] - Math.log(all));
        }
        return sum;
    }

    private static Map<String, List<double[]>> doubles(Adapter adapter) {
        Map<String, List<double[]>> factors = new LinkedHashMap<>();
        adapter.factors().forEach((name, one) -> factors.put(name, List.of(doubles(one.a()), doubles(one.b()))));
        return factors;
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static float[] floats(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    private Map<String, String> digests() {
        return base.checkpoint().tensors().keySet().stream()
                .collect(Collectors.toMap(name -> name, name -> Sha256.of(base.weight(name))));
    }
}

package modelpatch.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.Production;
import modelpatch.adapt.Adapted;
import modelpatch.checkpoint.Sha256;
import modelpatch.guide.Guided;
import modelpatch.guide.Strength;
import modelpatch.model.Adapter;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;
import modelpatch.remedy.Adapting;
import modelpatch.remedy.BackPatch;
import modelpatch.remedy.BackPatched;
import modelpatch.remedy.GuidedChain;
import modelpatch.remedy.InContext;
import modelpatch.remedy.Slow;
import modelpatch.solve.Columns;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every remedy keeps to; docs/howto/remedy.md sends whoever adds one here. */
class RemedyTest {
    private static final int[] PREFIX = {5, 6};
    private static final List<int[]> PROMPTS = List.of(new int[] {7, 8, 9}, new int[] {10, 11});

    private LanguageModel base;

    /** A remedy of each kind, set up on a model. */
    private static Stream<Function<LanguageModel, Remedy>> remedies() {
        return Stream.of(
                Remedy::none,
                model -> Remedy.patch(model, PatchStack.empty(), List.of(change(model))),
                model -> Adapted.of(model, adapter(model)),
                model -> Guided.of(model, model, model, Strength.constant(1), false, 0),
                model -> Adapting.of(model, List.of(adapter(model)), false, ids -> OptionalInt.of(0)),
                model -> GuidedChain.of(
                        Guided.of(model, model, model, Strength.constant(1), false, 0), ids -> Optional.empty()),
                model -> new Slow(model),
                model -> InContext.of(model, new int[] {1}, new int[] {5, 6, 7}),
                model -> BackPatched.of(
                        model, new BackPatch(1, 0, BackPatch.Place.LAST), ids -> Optional.of(ids.length - 1)));
    }

    private static Adapter adapter(LanguageModel model) {
        int in = model.config().nHeads() * model.config().dHead();
        int out = model.config().dModel();
        float[] a = new float[in];
        float[] b = new float[out];
        a[0] = 3;
        b[1] = 2;
        return new Adapter(1, 1, Map.of(model.outputName(0), new Adapter.Factors(out, in, a, b)));
    }

    private static TensorDelta change(LanguageModel model) {
        String tensor = model.outputName(0);
        int in = model.config().nHeads() * model.config().dHead();
        int out = model.config().dModel();
        float[] left = new float[out];
        float[] right = new float[in];
        left[0] = 3;
        right[1] = 2;
        return new TensorDelta(tensor, out, Columns.all(in), 1, Orientation.OUT_IN, left, right);
    }

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

    @Test
    void everyKindOfRemedyIsHeldToThis() {
        Set<String> held = remedies()
                .map(remedy -> {
                    try (Remedy one = remedy.apply(base)) {
                        return one.getClass().getName();
                    }
                })
                .collect(Collectors.toSet());
        Set<String> written = Production.implementing(Remedy.class);
        assertThat(held).as("remedies that RemedyTest sets up").isEqualTo(written);
    }

    @ParameterizedTest
    @MethodSource("remedies")
    void closingItLeavesTheModelAsItWasToTheBit(Function<LanguageModel, Remedy> setUp) {
        float[][] before = logits(base);
        Map<String, String> weights = digests(base);
        try (Remedy remedy = setUp.apply(base)) {
            logits(remedy.answers());
            assertThat(logits(base)).as("while it is open").isDeepEqualTo(before);
        }
        assertThat(logits(base)).as("after it is closed").isDeepEqualTo(before);
        assertThat(digests(base)).isEqualTo(weights);
    }

    @ParameterizedTest
    @MethodSource("remedies")
    void itsFootprintNamesTheTensorsThatAreChangedAndCountsTheirBytes(Function<LanguageModel, Remedy> setUp) {
        try (Remedy remedy = setUp.apply(base)) {
            Set<String> changed =
                    remedy.answers() instanceof LanguageModel view ? changed(digests(base), digests(view)) : Set.of();
            long bytes = changed.stream()
                    .mapToLong(name -> (long) Float.BYTES * base.weight(name).length)
                    .sum();
            assertThat(remedy.footprint().tensors())
                    .as("tensors that differ under '%s'", remedy.name())
                    .isEqualTo(changed);
            assertThat(remedy.footprint().bytes())
                    .as("bytes beside the model under '%s'", remedy.name())
                    .isGreaterThanOrEqualTo(bytes);
        }
    }

    @ParameterizedTest
    @MethodSource("remedies")
    void itHasANameForTables(Function<LanguageModel, Remedy> setUp) {
        try (Remedy remedy = setUp.apply(base)) {
            assertThat(remedy.name()).matches("[a-z0-9]+(-[a-z0-9]+)*");
        }
    }

    @Test
    void namesAreThoseOfOneKindEach() {
        List<String> names = remedies()
                .map(setUp -> {
                    try (Remedy remedy = setUp.apply(base)) {
                        return remedy.name();
                    }
                })
                .toList();
        assertThat(names).doesNotHaveDuplicates();
    }

    @Test
    void aPatchAnswersAsTheStackWithThatPatchWouldAndNotAsTheBase() {
        TensorDelta change = change(base);
        float[] weight = TensorDelta.apply(base.weight(change.tensor()), List.of(change));
        try (Remedy patch = Remedy.patch(base, PatchStack.empty(), List.of(change));
                LanguageModel expected = base.with(Map.of(change.tensor(), weight))) {
            float[][] found = logits(patch.answers());
            assertThat(found).isDeepEqualTo(logits(expected));
            assertThat(Arrays.deepEquals(found, logits(base))).isFalse();
        }
    }

    @Test
    void aChangeThatDoesNotFitIsRefusedAndTheModelGoesOn() {
        TensorDelta wide = new TensorDelta(
                base.outputName(0), 2, Columns.all(3), 1, Orientation.OUT_IN, new float[2], new float[3]);
        float[][] before = logits(base);
        assertThatThrownBy(() -> Remedy.patch(base, PatchStack.empty(), List.of(wide)))
                .hasMessageContaining("shape");
        assertThat(logits(base)).isDeepEqualTo(before);
    }

    /** A remedy that can only say what comes next is asked for each beginning; drift needs all positions. */
    @Test
    void logitsAtAllPositionsAreThoseOfEachBeginning() {
        int[] prompt = {7, 8, 9, 10};
        float[][] whole = base.allLogits(PREFIX, prompt);
        float[][] beginnings = new Plain(base).allLogits(PREFIX, prompt);
        assertThat(beginnings.length).isEqualTo(whole.length);
        for (int at = 0; at < whole.length; at++) {
            assertThat(beginnings[at]).containsExactly(whole[at], within(1e-5f)); // float32 runs of other lengths
        }
    }

    /** A model that can no more than it must. */
    private record Plain(AnswerModel model) implements AnswerModel {
        @Override
        public Tokenizer tokenizer() {
            return model.tokenizer();
        }

        @Override
        public Set<Integer> endTokens() {
            return model.endTokens();
        }

        @Override
        public int contextLength() {
            return model.contextLength();
        }

        @Override
        public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
            return model.generate(prefix, prompts, maxNewTokens, stop);
        }

        @Override
        public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
            return model.logProbabilities(prefix, prompts, continuations);
        }

        @Override
        public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
            return model.nextLogits(prefix, prompts);
        }
    }

    private static float[][] logits(AnswerModel model) {
        return model.nextLogits(PREFIX, PROMPTS).toArray(float[][]::new);
    }

    private static Set<String> changed(Map<String, String> before, Map<String, String> after) {
        return before.keySet().stream()
                .filter(name -> !before.get(name).equals(after.get(name)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Map<String, String> digests(LanguageModel model) {
        return model.checkpoint().tensors().keySet().stream()
                .collect(Collectors.toMap(name -> name, name -> Sha256.of(model.weight(name))));
    }
}

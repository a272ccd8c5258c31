package modelpatch.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import modelpatch.BadInput;
import modelpatch.model.Adapter;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.NextToken;
import modelpatch.tokenizer.Tokenizer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The identities of logit arithmetic, on the embedded model and another view of it. */
class GuidedModelTest {
    private static final int[] NO_PREFIX = {};

    private LanguageModel target;
    private LanguageModel guider;
    private LanguageModel base;
    private List<int[]> prompts;

    @BeforeEach
    void open() {
        target = LanguageModel.open(
                Path.of("models", "default"), LoadOptions.defaults().withThreads(1));
        base = target.with(adapter(target, 1));
        guider = target.with(adapter(target, 2));
        prompts = List.of(
                target.tokenizer().encode("The home city of the author of the Book of Flonolis is"),
                target.tokenizer().encode("The favourite colour of Tavin Mimock is"));
    }

    @AfterEach
    void close() {
        guider.close();
        base.close();
        target.close();
    }

    /** Enough of a change that every model says something of its own. */
    private static Adapter adapter(LanguageModel model, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Adapter.Factors> factors = new LinkedHashMap<>();
        Adapter.beginning(model.layout(), linear -> true, 2, 2, random)
                .factors()
                .forEach((name, one) -> {
                    float[] b = new float[one.b().length];
                    for (int i = 0; i < b.length; i++) {
                        b[i] = (float) (0.3 * random.nextGaussian());
                    }
                    factors.put(name, new Adapter.Factors(one.dOut(), one.dIn(), one.a(), b));
                });
        return new Adapter(2, 2, factors);
    }

    private float[][] logits(LanguageModel one, LanguageModel two, LanguageModel three, double alpha) {
        return GuidedModel.of(one, two, three, Strength.constant(alpha), false)
                .nextLogits(NO_PREFIX, prompts)
                .toArray(float[][]::new);
    }

    private static float[][] logits(LanguageModel model, List<int[]> prompts) {
        return model.nextLogits(NO_PREFIX, prompts).toArray(float[][]::new);
    }

    @Test
    void withAlphaZeroTheTargetSpeaksToTheBit() {
        assertThat(logits(target, guider, base, 0)).isDeepEqualTo(logits(target, prompts));
        GuidedModel still = GuidedModel.of(target, guider, base, Strength.constant(0), false);
        for (int[] prompt : prompts) {
            assertThat(still.generate(NO_PREFIX, List.of(prompt), 12, ids -> false)
                            .get(0))
                    .isEqualTo(target.generate(NO_PREFIX, List.of(prompt), 12, ids -> false)
                            .get(0));
        }
    }

    @Test
    void aGuiderThatSaysWhatItsBaseSaysChangesNoBit() {
        assertThat(logits(target, base, base, 1.5)).isDeepEqualTo(logits(target, prompts));
    }

    @Test
    void withTheTargetAsBaseAndAlphaOneTheGuiderSpeaks() {
        float[][] guided = logits(target, guider, target, 1);
        float[][] expected = logits(guider, prompts);
        for (int i = 0; i < guided.length; i++) {
            assertThat(NextToken.logSoftmax(guided[i]))
                    .containsExactly(NextToken.logSoftmax(expected[i]), within(1e-5)); // float32 sums
        }
        assertThat(Arrays.deepEquals(guided, logits(target, prompts))).isFalse();
    }

    @Test
    void theDefinitionHoldsTokenByToken() {
        float[][] guided = logits(target, guider, base, 0.7);
        float[][] own = logits(target, prompts);
        double[] g = NextToken.logSoftmax(logits(guider, prompts)[0]);
        double[] b = NextToken.logSoftmax(logits(base, prompts)[0]);
        for (int id = 0; id < own[0].length; id++) {
            assertThat((double) guided[0][id]).isCloseTo(own[0][id] + 0.7 * (g[id] - b[id]), within(1e-5));
        }
    }

    @Test
    void aConstantAddedToAnyModelsLogitsChangesNothingOfWhatIsSaid() {
        TokenMap map = TokenMap.identity(target, guider);
        float[] own = logits(target, prompts)[0];
        float[] ofGuider = logits(guider, prompts)[0];
        float[] ofBase = logits(base, prompts)[0];
        double[] plain = NextToken.logSoftmax(LogitArithmetic.combined(own, ofGuider, ofBase, map, 1));
        for (int which = 0; which < 3; which++) {
            float[] shifted = LogitArithmetic.combined(
                    which == 0 ? raised(own) : own,
                    which == 1 ? raised(ofGuider) : ofGuider,
                    which == 2 ? raised(ofBase) : ofBase,
                    map,
                    1);
            assertThat(NextToken.logSoftmax(shifted)).containsExactly(plain, within(2e-5)); // 37 costs float32 bits
        }
    }

    private static float[] raised(float[] logits) {
        float[] more = logits.clone();
        for (int i = 0; i < more.length; i++) {
            more[i] += 37;
        }
        return more;
    }

    /** Side by side or alone, and whichever of the models ran before, each has keys and values of its own. */
    @Test
    void theOrderInWhichCachesAreFilledMattersNot() {
        GuidedModel guided = GuidedModel.of(target, guider, base, Strength.constant(1), false);
        List<int[]> together = guided.generate(NO_PREFIX, prompts, 10, ids -> false);
        logits(base, prompts);
        logits(guider, prompts);
        for (int i = 0; i < prompts.size(); i++) {
            assertThat(guided.generate(NO_PREFIX, List.of(prompts.get(i)), 10, ids -> false)
                            .get(0))
                    .isEqualTo(together.get(i));
        }
    }

    @Test
    void greedyTextIsTheArgmaxOfItsLogitsAndProbabilitiesAreOfOneMindWithThem() {
        GuidedModel guided = GuidedModel.of(target, guider, base, new Strength(1, 1, OptionalDouble.empty()), false);
        int[] written = guided.generate(NO_PREFIX, List.of(prompts.get(0)), 4, ids -> false)
                .get(0);
        assertThat(written[0])
                .as("the first token is warm-up")
                .isEqualTo(NextToken.argmax(
                        target.nextLogits(NO_PREFIX, List.of(prompts.get(0))).get(0)));
        double[] log = guided.logProbabilities(NO_PREFIX, List.of(prompts.get(0)), List.of(written))
                .get(0);
        int[] start = Arrays.copyOf(prompts.get(0), prompts.get(0).length - 1);
        double[] shared = guided.logProbabilities(
                        start, List.of(new int[] {prompts.get(0)[prompts.get(0).length - 1]}), List.of(written))
                .get(0);
        assertThat(log).containsExactly(shared, within(1e-4)); // with a prefix keys and values are summed otherwise
        double first = NextToken.logSoftmax(
                target.nextLogits(NO_PREFIX, List.of(prompts.get(0))).get(0))[written[0]];
        assertThat(log[0]).isCloseTo(first, within(1e-5));
    }

    @Test
    void aGuiderPullsOnlyAfterItsWarmUpAndWhereTheTargetIsUnsure() {
        float[] even = new float[4];
        float[] sure = {20, 0, 0, 0};
        assertThat(Strength.entropy(even)).isCloseTo(Math.log(4), within(1e-12));
        assertThat(Strength.entropy(sure)).isLessThan(1e-6);
        Strength gated = new Strength(2, 3, OptionalDouble.of(0.5));
        assertThat(gated.at(2, even)).isZero();
        assertThat(gated.at(3, even)).isEqualTo(2);
        assertThat(gated.at(3, sure)).isZero();
        assertThatThrownBy(() -> Strength.constant(Double.NaN))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("alpha");
        assertThatThrownBy(() -> new Strength(1, -1, OptionalDouble.empty())).hasMessageContaining("--warm-up");
    }

    @Test
    void sampledTokensFollowTheirProbabilitiesWithinTheTopAndTheSeed() {
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.2)};
        int[] counts = new int[3];
        Choice all = new Choice.Sampled(1, 1, new SplittableRandom(1));
        for (int i = 0; i < 20_000; i++) {
            counts[all.of(logits)]++;
        }
        assertThat(counts[0] / 20_000.0).isCloseTo(0.5, within(0.015));
        assertThat(counts[2] / 20_000.0).isCloseTo(0.2, within(0.015));
        Choice top = new Choice.Sampled(1, 0.6, new SplittableRandom(1));
        for (int i = 0; i < 1000; i++) {
            assertThat(top.of(logits)).isLessThan(2);
        }
        GuidedModel guided = GuidedModel.of(target, guider, base, Strength.constant(1), false);
        List<String> texts = new java.util.ArrayList<>();
        for (long seed : new long[] {1, 1, 2}) {
            Choice drawn = new Choice.Sampled(1.5, 0.95, new SplittableRandom(seed));
            texts.add(Arrays.toString(guided.generate(NO_PREFIX, List.of(prompts.get(0)), 8, ids -> false, drawn)
                    .get(0)));
        }
        assertThat(texts.get(0)).isEqualTo(texts.get(1)).isNotEqualTo(texts.get(2));
        assertThatThrownBy(() -> new Choice.Sampled(0, 1, new SplittableRandom(1)))
                .hasMessageContaining("--temperature");
    }

    @Test
    void aGuiderOfAnotherVocabularyIsRefusedByNameAndMappedOnDemand() {
        try (LanguageModel other =
                        LanguageModel.open(Path.of("src/test/resources/conformance", "qwen2"), LoadOptions.defaults());
                Tokenizer own = Tokenizer.read(Path.of("models", "default", "tokenizer.json"));
                Tokenizer renamed = ScrambledTokenizer.of(own)) {
            assertThatThrownBy(() -> GuidedModel.of(target, other, other, Strength.constant(1), false))
                    .isInstanceOf(BadInput.class);
            assertThatThrownBy(() -> TokenMap.identity(own, renamed))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("guider of another vocabulary")
                    .hasMessageContaining("2 of " + own.size() + " differ")
                    .hasMessageContaining("10 is '" + own.token(10) + "' and '" + own.token(11) + "'");
            TokenMap map = TokenMap.byText(own, renamed);
            assertThat(map.guiderId(10)).isEqualTo(11);
            assertThat(map.guiderId(12)).isEqualTo(12);
        }
    }

    /** Over the common tokens alone, the guider's mass on a token that the target lacks must move nothing. */
    @Test
    void tokensThatOnlyOneSideHasAreLeftAlone() {
        try (Tokenizer own = Tokenizer.read(Path.of("models", "default", "tokenizer.json"))) {
            TokenMap map = TokenMap.byText(own, ScrambledTokenizer.without(own, 10));
            int n = own.size();
            float[] guiderLogits = new float[n];
            guiderLogits[20] = 3;
            float[] heavy = guiderLogits.clone();
            heavy[10] = 9; // a token of the guider that the target spells nowhere
            float[] plain = LogitArithmetic.combined(new float[n], guiderLogits, new float[n], map, 1);
            float[] same = LogitArithmetic.combined(new float[n], heavy, new float[n], map, 1);
            assertThat(same).isEqualTo(plain);
            assertThat(plain[10]).as("the target's own, without a partner").isZero();
            assertThat(map.read(10)).as("read as the unknown token").isEqualTo(1);
        }
    }
}

package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Mlp;
import modelpatch.engine.Engine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine's mixtures against the slow, obvious one, on random weights and rows. */
class MixtureTest {
    private static final int ROWS = 37;
    private static final String SIZES = """
            "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2, "intermediate_size": 6,
            "vocab_size": 5, "num_experts_per_tok": 3, "moe_intermediate_size": 4,\s""";

    /** Every kind of router and of experts that a family has. */
    static Stream<String> configurations() {
        return Stream.of(
                "\"model_type\": \"mixtral\", \"num_local_experts\": 7",
                "\"model_type\": \"qwen3_moe\", \"num_experts\": 8, \"norm_topk_prob\": true",
                "\"model_type\": \"qwen2_moe\", \"num_experts\": 8, \"shared_expert_intermediate_size\": 5",
                "\"model_type\": \"granitemoe\", \"num_local_experts\": 6",
                "\"model_type\": \"gpt_oss\", \"num_local_experts\": 6, \"swiglu_limit\": 1.5",
                "\"model_type\": \"glm4_moe\", \"n_routed_experts\": 12, \"n_group\": 4, \"topk_group\": 2, \"n_shared_experts\": 2, "
                        + "\"first_k_dense_replace\": 0, \"routed_scaling_factor\": 2.5",
                "\"model_type\": \"deepseek_v2\", \"n_routed_experts\": 12, \"topk_method\": \"group_limited_greedy\", \"n_group\": 4, "
                        + "\"topk_group\": 1, \"routed_scaling_factor\": 16",
                "\"model_type\": \"llama4_text\", \"num_local_experts\": 6, \"intermediate_size_mlp\": 9");
    }

    /** Experts of a configuration with random weights, in the engine and for the oracle. */
    private record Made(DecoderLayout layout, Mlp.Experts experts, Map<String, float[]> values, float[] rows) {
        static Made of(String config) throws IOException {
            DecoderLayout layout = DecoderLayout.of(new ObjectMapper().readTree("{" + SIZES + config + "}"), "test");
            Random random = new Random(11);
            Map<String, float[]> values = new LinkedHashMap<>();
            layout.tensors().forEach((name, shape) -> {
                long size = shape.stream().reduce(1L, (a, b) -> a * b);
                values.put(name, random(random, (int) size));
            });
            Mlp.Experts experts = (Mlp.Experts) layout.blocks().get(0).mlp();
            return new Made(
                    layout,
                    experts,
                    values,
                    random(random, ROWS * layout.config().dModel()));
        }

        private static float[] random(Random random, int count) {
            float[] values = new float[count];
            IntStream.range(0, count).forEach(i -> values[i] = (float) random.nextGaussian());
            return values;
        }

        NaiveExperts oracle() {
            Map<String, double[]> wide = new LinkedHashMap<>();
            values.forEach((name, narrow) -> wide.put(name, doubles(narrow)));
            return new NaiveExperts(experts, wide);
        }

        double[] row(int row) {
            int d = layout.config().dModel();
            return doubles(Arrays.copyOfRange(rows, row * d, (row + 1) * d));
        }

        private static double[] doubles(float[] narrow) {
            return IntStream.range(0, narrow.length).mapToDouble(i -> narrow[i]).toArray();
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void aMixtureIsTheSumOfAllExpertsByTheirWeights(String config) throws IOException {
        Made made = Made.of(config);
        try (Weights weights = Weights.of(
                        made.layout(), name -> Engine.Fill.of(made.values().get(name)));
                Engine.Scope scope = Engine.scope()) {
            float[][] found = new Decoder(made.layout(), weights)
                    .mlp(made.experts(), 0, Engine.floats(made.rows(), ROWS, 8), Hooks.NONE)
                    .toRows();
            for (int row = 0; row < ROWS; row++) {
                double[] expected = made.oracle().apply(made.row(row));
                for (int i = 0; i < expected.length; i++) {
                    assertThat((double) found[row][i])
                            .isCloseTo(expected[i], within(1e-4 + 1e-6 * Math.abs(expected[i])));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void everyRowGoesToAsManyExpertsAsAreAskedForAndNormalisedWeightsSumToTheScale(String config) throws IOException {
        Made made = Made.of(config);
        try (Weights weights = Weights.of(
                        made.layout(), name -> Engine.Fill.of(made.values().get(name)));
                Engine.Scope scope = Engine.scope()) {
            Mixture.Routing routing = new Mixture(weights, (mlp, x) -> x)
                    .route(made.experts().router(), Engine.floats(made.rows(), ROWS, 8));
            float[][] shares = routing.weights().toRows();
            for (int row = 0; row < ROWS; row++) {
                double[] expected = made.oracle().shares(made.row(row));
                long[] chosen = Arrays.copyOfRange(routing.experts(), row * 3, row * 3 + 3);
                assertThat(chosen).doesNotHaveDuplicates();
                double sum = 0;
                for (int i = 0; i < 3; i++) {
                    assertThat((double) shares[row][i]).isCloseTo(expected[(int) chosen[i]], within(1e-5));
                    sum += shares[row][i];
                }
                if (made.experts().router().normalised()) {
                    assertThat(sum).isCloseTo(made.experts().router().scale(), within(1e-5));
                }
            }
        }
    }

    @Test
    void hiddenUnitsAndTheSecondMatrixOfALayerOfExpertsAreRefusedByName() {
        Site hidden = new Site(Site.Kind.MLP_HIDDEN, 1);
        try (LanguageModel model = LanguageModel.open(Conformance2.path("mixtral"), LoadOptions.defaults())) {
            int[] prompt = {1, 2};
            Intervention change = Intervention.replace(hidden, 1, new float[32]);
            assertThatThrownBy(() -> model.run(new int[0], List.of(prompt), Set.of(hidden), List.of()))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("layer 1 of mixtral")
                    .hasMessageContaining("experts");
            assertThatThrownBy(() -> model.run(new int[0], List.of(prompt), Set.of(), List.of(List.of(change))))
                    .isInstanceOf(BadInput.class);
            assertThatThrownBy(() -> model.mlpOutName(1))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("edit W_O");
        }
    }

    @Test
    void moreExpertsForATokenThanThereAreAreRefused() {
        assertThatThrownBy(() -> Made.of("\"model_type\": \"mixtral\", \"num_local_experts\": 2"))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("num_experts_per_tok")
                .hasMessageContaining("at most the 2");
    }
}

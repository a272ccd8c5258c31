package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.architecture.DecoderLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The engine's gradients against central differences of the double oracle. */
class GradientTest {
    private static final double STEP = 1e-5;
    private static final DecoderTraining.Batch BATCH = new DecoderTraining.Batch(
            new int[][] {{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}},
            new float[][] {{0, 1, 0.25f, 1}, {1, 1, 0, 0.5f}},
            List.of(
                    new DecoderTraining.AuxiliaryTarget(1, 2, 0, 9, 0.5f),
                    new DecoderTraining.AuxiliaryTarget(0, 1, 1, 4, 0.25f)));

    /** A dense layer with experts after it; the choice of experts is the same on both sides of a central difference. */
    private static final String EXPERTS = """
            "decoder_sparse_step": 2, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 6,
            "shared_expert_intermediate_size": 5, "norm_topk_prob": true, "use_sliding_window": false,
            """;

    @ParameterizedTest
    @CsvSource({"llama, ''", "qwen2_moe, '" + EXPERTS + "'"})
    void everyTensorsGradientIsThatOfTheDefinition(String family, String more) throws IOException {
        JsonNode json = new ObjectMapper().readTree("""
                        {"model_type": "%s", %s "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 4,
                         "num_key_value_heads": 2, "intermediate_size": 12, "vocab_size": 11, "max_position_embeddings": 16,
                         "rms_norm_eps": 1e-5, "hidden_act": "silu", "rope_theta": 100.0, "tie_word_embeddings": true,
                         "initializer_range": 0.4}
                        """.formatted(family, more));
        DecoderLayout layout = DecoderLayout.of(json, "test");
        DecoderTraining.Optimizer optimizer = new DecoderTraining.Optimizer(0.9, 0.98, 1e-8, 0, 1);
        try (DecoderTraining training = DecoderTraining.create(json, optimizer, 5, 1)) {
            Map<String, double[]> weights = new LinkedHashMap<>();
            layout.tensors().keySet().forEach(name -> weights.put(name, doubles(training.weight(name))));
            for (Map.Entry<String, float[]> gradient : training.gradients(BATCH).entrySet()) {
                assertThat(relativeError(layout, weights, gradient.getKey(), gradient.getValue()))
                        .as(gradient.getKey())
                        .isLessThanOrEqualTo(1e-5);
            }
        }
    }

    private static double relativeError(
            DecoderLayout layout, Map<String, double[]> weights, String name, float[] gradient) {
        double[] values = weights.get(name);
        double error = 0;
        double norm = 0;
        for (int i = 0; i < values.length; i++) {
            double kept = values[i];
            values[i] = kept + STEP;
            double above = loss(layout, weights);
            values[i] = kept - STEP;
            double below = loss(layout, weights);
            values[i] = kept;
            double exact = (above - below) / (2 * STEP);
            error += (gradient[i] - exact) * (gradient[i] - exact);
            norm += exact * exact;
        }
        return norm == 0 ? Math.sqrt(error) : Math.sqrt(error / norm); // an expert that no token goes to has none
    }

    private static double loss(DecoderLayout layout, Map<String, double[]> weights) {
        NaiveLlama model = new NaiveLlama(layout, weights);
        double sum = 0;
        double total = 0;
        List<double[][]> first = new ArrayList<>();
        List<double[][]> last = new ArrayList<>();
        for (int s = 0; s < BATCH.ids().length; s++) {
            int[] ids = java.util.Arrays.copyOf(BATCH.ids()[s], BATCH.weights()[s].length);
            first.add(model.residual(ids, 0));
            last.add(model.residual(ids, 1));
            for (int t = 0; t < ids.length; t++) {
                sum += BATCH.weights()[s][t] * surprise(model.logits(last.get(s)[t]), BATCH.ids()[s][t + 1]);
                total += BATCH.weights()[s][t];
            }
        }
        double auxiliary = 0;
        for (DecoderTraining.AuxiliaryTarget target : BATCH.auxiliary()) {
            double[][] residual = (target.layer() == 0 ? first : last).get(target.sequence());
            auxiliary += target.weight() * surprise(model.logits(residual[target.position()]), target.token());
        }
        return sum / total + auxiliary / BATCH.auxiliary().size();
    }

    private static double surprise(double[] logits, int id) {
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit);
        }
        return Math.log(sum) - logits[id];
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}

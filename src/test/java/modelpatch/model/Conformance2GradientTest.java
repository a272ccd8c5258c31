package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import modelpatch.architecture.DecoderLayout;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gradients of every further architecture against the slope of the loss itself, along the gradient and in a random direction. All is float32:
 * a step along the gradient moves the loss by 1e-4 of its length, which is 3 to 80, and rounding by some 1e-7. What has no double oracle in {@link GradientTest} is held so.
 */
class Conformance2GradientTest {
    /** No choice of experts is so near a tie here that a step changes it: the loss would jump. */
    private static final int[] IDS = {2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5};

    private static final double STEP = 1e-4;

    @ParameterizedTest
    @MethodSource("modelpatch.model.Conformance2#names")
    void aGradientIsTheSlopeOfTheLoss(String name) {
        try (Checkpoint checkpoint = Checkpoint.open(Conformance2.path(name))) {
            DecoderLayout layout = DecoderLayout.of(checkpoint);
            Map<String, float[]> values = new LinkedHashMap<>();
            layout.tensors().keySet().forEach(tensor -> values.put(tensor, read(checkpoint, tensor)));
            Map<String, float[]> gradient = gradient(layout, values);
            double length = Math.sqrt(dot(gradient, gradient));
            assertThat(length).isPositive();
            Map<String, float[]> along = scaled(gradient, 1 / length);
            assertThat(slope(layout, values, along) / length).isBetween(0.99, 1.01);
            Map<String, float[]> random = random(gradient);
            assertThat(slope(layout, values, random) - dot(gradient, random)).isBetween(-0.01 * length, 0.01 * length);
        }
    }

    private static float[] read(Checkpoint checkpoint, String tensor) {
        float[] values = new float[Math.toIntExact(checkpoint.tensor(tensor).elements())];
        checkpoint.readFloat32(tensor, FloatBuffer.wrap(values));
        return values;
    }

    private static Tensor loss(DecoderLayout layout, Weights weights) {
        Decoder decoder = new Decoder(layout, weights);
        int rows = IDS.length - 1;
        int[] next = java.util.Arrays.copyOfRange(IDS, 1, IDS.length);
        float[] importance = new float[rows];
        java.util.Arrays.fill(importance, 1);
        try (Prefix none = Prefix.empty(layout.config())) {
            List<Group> groups = List.of(Group.of(none, 1, rows));
            Tensor x = decoder.embed(java.util.Arrays.copyOf(IDS, rows), groups);
            Tensor logits =
                    decoder.unembed(decoder.blocks(x, groups, 0, layout.config().nLayers(), Hooks.NONE));
            return Engine.run(
                    "cross_entropy",
                    logits,
                    Engine.ids(next),
                    Engine.floats(importance, rows),
                    Engine.floats(new float[] {rows}));
        }
    }

    private static Map<String, float[]> gradient(DecoderLayout layout, Map<String, float[]> values) {
        try (Weights weights = Weights.of(layout, name -> Engine.Fill.of(values.get(name)));
                Engine.Scope scope = Engine.recordingScope()) {
            Tensor[] all = weights.named().values().toArray(Tensor[]::new);
            for (Tensor tensor : all) {
                tensor.requireGradient();
            }
            Tensor[] gradients = Engine.runAll("gradients", loss(layout, weights), all);
            Map<String, float[]> named = new LinkedHashMap<>();
            int i = 0;
            for (String name : weights.named().keySet()) {
                named.put(name, gradients[i++].toFloats());
            }
            return named;
        }
    }

    private static double slope(DecoderLayout layout, Map<String, float[]> values, Map<String, float[]> direction) {
        return (loss(layout, moved(values, direction, STEP)) - loss(layout, moved(values, direction, -STEP)))
                / (2 * STEP);
    }

    private static double loss(DecoderLayout layout, Map<String, float[]> values) {
        try (Weights weights = Weights.of(layout, name -> Engine.Fill.of(values.get(name)));
                Engine.Scope scope = Engine.scope()) {
            return loss(layout, weights).toFloats()[0];
        }
    }

    private static Map<String, float[]> moved(
            Map<String, float[]> values, Map<String, float[]> direction, double step) {
        Map<String, float[]> moved = new LinkedHashMap<>();
        values.forEach((name, old) -> {
            float[] sum = old.clone();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += (float) (step * direction.get(name)[i]);
            }
            moved.put(name, sum);
        });
        return moved;
    }

    private static Map<String, float[]> scaled(Map<String, float[]> values, double factor) {
        Map<String, float[]> scaled = new LinkedHashMap<>();
        values.forEach((name, old) -> {
            float[] product = old.clone();
            for (int i = 0; i < product.length; i++) {
                product[i] = (float) (product[i] * factor);
            }
            scaled.put(name, product);
        });
        return scaled;
    }

    /** Of length 1, in every tensor that has a gradient. */
    private static Map<String, float[]> random(Map<String, float[]> like) {
        Random random = new Random(5);
        Map<String, float[]> drawn = new LinkedHashMap<>();
        like.forEach((name, values) -> {
            float[] numbers = new float[values.length];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = values[i] == 0 ? 0 : (float) random.nextGaussian();
            }
            drawn.put(name, numbers);
        });
        return scaled(drawn, 1 / Math.sqrt(dot(drawn, drawn)));
    }

    private static double dot(Map<String, float[]> a, Map<String, float[]> b) {
        double sum = 0;
        for (Map.Entry<String, float[]> entry : a.entrySet()) {
            float[] other = b.get(entry.getKey());
            for (int i = 0; i < other.length; i++) {
                sum += (double) entry.getValue()[i] * other[i];
            }
        }
        return sum;
    }
}

package modelpatch.model;

import java.util.Arrays;
import java.util.List;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Trains the translator of one block of a tuned lens (Belrose et al. 2023): h + h M + b, read by the model's own unembedding, is to say what the
 * model says in the end; the mean Kullback-Leibler divergence of the former from the latter falls by Adam (Kingma and Ba 2015). M acts on
 * columns scaled to mean 0 and deviation 1 while it is trained, as some columns of a residual stream are a thousand times as long as others. The
 * model is read only; the same steps give the same translator.
 */
public final class LensTraining implements AutoCloseable {
    private static final DecoderTraining.Optimizer ADAM = new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, 0, 1);

    /** Rows whose logits are there at a time. */
    private static final int ROWS = 64;

    private static final float LEAST_DEVIATION = 1e-6f;

    private final LanguageModel model;
    private final float[] mean;
    private final float[] deviation;
    private final Engine.Owner owner = Engine.owner();
    private final Tensor[] trained;
    private final Tensor[] first;
    private final Tensor[] second;
    private int steps;

    /**
     * A translator that changes nothing yet.
     *
     * @param states rows of the residual stream after the block, [rows][d_model]; their means and deviations scale the columns
     */
    public LensTraining(LanguageModel model, List<float[]> states) {
        int width = model.config().dModel();
        this.model = model;
        mean = new float[width];
        deviation = new float[width];
        for (int i = 0; i < width; i++) {
            int column = i;
            double average =
                    states.stream().mapToDouble(row -> row[column]).average().orElseThrow();
            double variance = states.stream()
                    .mapToDouble(row -> (row[column] - average) * (row[column] - average))
                    .average()
                    .orElseThrow();
            mean[i] = (float) average;
            deviation[i] = (float) Math.max(Math.sqrt(variance), LEAST_DEVIATION);
        }
        trained = nothing(width);
        first = nothing(width);
        second = nothing(width);
        for (Tensor tensor : trained) {
            tensor.requireGradient();
        }
    }

    private Tensor[] nothing(int width) {
        return new Tensor[] {
            Engine.floats(owner, new float[width * width], width, width), Engine.floats(owner, new float[width], width)
        };
    }

    /**
     * One step.
     *
     * @param states rows after the block, [rows][d_model]
     * @param last the same rows after the last block
     * @return the divergence before it, in nats, the mean of all rows
     */
    public double step(List<float[]> states, List<float[]> last, double learningRate) {
        try (Engine.Scope scope = Engine.recordingScope()) {
            Tensor scaled = Engine.floats(states.stream().map(this::scaled).toList());
            Tensor moved = Engine.run("matmul", scaled, trained[0]).plus(trained[1]);
            Tensor translated =
                    Engine.floats(states).plus(Engine.run("mul", moved, Engine.floats(deviation, deviation.length)));
            Tensor loss = Engine.run(
                    "divergence",
                    model.decoder().unembed(Engine.floats(last)),
                    model.decoder().unembed(translated),
                    equal(last.size()));
            Tensor[] gradients = Engine.runAll("gradients", loss, trained);
            double norm = DecoderTraining.Optimizer.norm(gradients, "a lens", steps + 1, "take fewer steps");
            steps++;
            ADAM.step(trained, gradients, first, second, norm, learningRate, steps);
            return loss.toFloats()[0];
        }
    }

    private float[] scaled(float[] row) {
        float[] scaled = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            scaled[i] = (row[i] - mean[i]) / deviation[i];
        }
        return scaled;
    }

    /** The weight of each row where all count alike. */
    private static Tensor equal(int rows) {
        float[] weights = new float[rows];
        Arrays.fill(weights, 1f / rows);
        return Engine.floats(weights, rows);
    }

    /** M for columns as they are, [d_model (in), d_model (out)], row-major. */
    public float[] matrix() {
        float[] matrix = trained[0].toFloats();
        int width = mean.length;
        for (int in = 0; in < width; in++) {
            for (int out = 0; out < width; out++) {
                matrix[in * width + out] *= deviation[out] / deviation[in];
            }
        }
        return matrix;
    }

    /** b that goes with {@link #matrix}, [d_model]. */
    public float[] bias() {
        float[] matrix = matrix();
        float[] bias = trained[1].toFloats();
        int width = mean.length;
        for (int out = 0; out < width; out++) {
            double sum = (double) bias[out] * deviation[out];
            for (int in = 0; in < width; in++) {
                sum -= (double) mean[in] * matrix[in * width + out];
            }
            bias[out] = (float) sum;
        }
        return bias;
    }

    /**
     * How far what rows say through the unembedding is from what the last block's rows say, in nats, the mean of all.
     *
     * @param states [rows][d_model]
     * @param last the same rows after the last block
     */
    public static double divergence(LanguageModel model, List<float[]> states, List<float[]> last) {
        double[] sums = new double[(states.size() + ROWS - 1) / ROWS];
        for (int part = 0; part < sums.length; part++) {
            int from = part * ROWS;
            int to = Math.min(states.size(), from + ROWS);
            try (Engine.Scope scope = Engine.scope()) {
                sums[part] = (double) (to - from)
                        * Engine.run(
                                        "divergence",
                                        model.decoder().unembed(Engine.floats(last.subList(from, to))),
                                        model.decoder().unembed(Engine.floats(states.subList(from, to))),
                                        equal(to - from))
                                .toFloats()[0];
            }
        }
        return Arrays.stream(sums).sum() / states.size();
    }

    @Override
    public void close() {
        owner.close();
    }
}

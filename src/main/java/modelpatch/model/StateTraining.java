package modelpatch.model;

import java.util.ArrayList;
import java.util.List;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Trains one vector that is added to the residual stream after a block, at one position of each of several recorded runs, so that what the model
 * says behind it becomes like what was given: the weighted sum of Kullback-Leibler divergences from those distributions, by the engine's autograd
 * and Adam (Kingma and Ba 2015). Only what is behind the position is run again. The model and its runs must stay open; with the same start the
 * same steps give the same vector.
 */
public final class StateTraining implements AutoCloseable {
    private static final DecoderTraining.Optimizer ADAM =
            new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, 0, Double.POSITIVE_INFINITY);

    /** Logits above all others beyond which float32 leaves the others no probability. */
    private static final float CERTAIN = 200;

    /**
     * One run, and what it should say.
     *
     * @param run stays the caller's
     * @param position where the vector is added
     * @param wanted logits, one row for each of the last positions of the run, [read, d_vocab]
     * @param weight of the divergence of each row
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Example(RecordedRun run, int position, float[][] wanted, double weight) {
        public Example {
            if (position < 0 || wanted.length < 1 || position + wanted.length > run.length()) {
                throw new IllegalArgumentException(
                        "position " + position + ", " + wanted.length + " rows of " + run.length());
            }
        }

        /** Logits of a model that is certain of a token: the divergence from them is the token's negative log-probability. */
        public static float[] certain(int token, int vocabulary) {
            float[] logits = new float[vocabulary];
            logits[token] = CERTAIN;
            return logits;
        }

        int block() {
            return run.length() - position;
        }
    }

    private final LanguageModel model;
    private final int layer;
    private final List<Example> examples;
    private final Engine.Owner owner = Engine.owner();
    private final Tensor state;
    private final Tensor first;
    private final Tensor second;
    private final Tensor wanted;
    private final Tensor weights;
    private final int[] read;
    private final double decay;
    private int steps;

    /**
     * Training that has made no step yet.
     *
     * @param layer block after which the vector is added, not the last
     * @param start [d_model]
     * @param decay what one unit of the vector's length adds to the loss, at least 0
     */
    public StateTraining(LanguageModel model, int layer, List<Example> examples, float[] start, double decay) {
        this.model = model;
        this.decay = decay;
        this.layer = layer;
        this.examples = List.copyOf(examples);
        state = Engine.floats(owner, start, start.length);
        first = Engine.floats(owner, new float[start.length], start.length);
        second = Engine.floats(owner, new float[start.length], start.length);
        state.requireGradient();
        List<float[]> rows = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        List<Float> shares = new ArrayList<>();
        int end = 0;
        for (Example example : examples) {
            end += example.block();
            for (int i = 0; i < example.wanted().length; i++) {
                rows.add(example.wanted()[i]);
                places.add(end - example.wanted().length + i);
                shares.add((float) example.weight());
            }
        }
        int width = model.config().dVocab();
        wanted = Engine.floats(
                owner,
                (from, part) -> {
                    for (long i = from; part.hasRemaining(); i++) {
                        part.put(rows.get((int) (i / width))[(int) (i % width)]);
                    }
                },
                rows.size(),
                width);
        float[] flat = new float[shares.size()];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = shares.get(i);
        }
        weights = Engine.floats(owner, flat, flat.length);
        read = places.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * One step.
     *
     * @return the loss before it, in nats
     */
    public double step(double learningRate) {
        try (Engine.Scope scope = Engine.recordingScope()) {
            Tensor loss = measured();
            Tensor[] gradients = Engine.runAll("gradients", loss, new Tensor[] {state});
            double norm = DecoderTraining.Optimizer.norm(gradients, "a state", steps + 1, "take another layer");
            steps++;
            ADAM.step(
                    new Tensor[] {state},
                    gradients,
                    new Tensor[] {first},
                    new Tensor[] {second},
                    norm,
                    learningRate,
                    steps);
            return loss.toFloats()[0];
        }
    }

    /** Makes the vector no longer than this, by a factor. */
    public void shorten(double most) {
        try (Engine.Scope scope = Engine.scope()) {
            Engine.run("shorten", state, most);
        }
    }

    /** The gradient of the loss as it is now, [d_model]; nothing is changed. */
    float[] gradient() {
        try (Engine.Scope scope = Engine.recordingScope()) {
            return Engine.runAll("gradients", measured(), new Tensor[] {state})[0].toFloats();
        }
    }

    /** The loss as it is now, in nats. */
    public double loss() {
        try (Engine.Scope scope = Engine.scope()) {
            return measured().toFloats()[0];
        }
    }

    private Tensor measured() {
        List<Tensor> before = new ArrayList<>();
        List<Group> groups = new ArrayList<>();
        int rows = examples.stream().mapToInt(Example::block).sum();
        float[] places = new float[rows];
        int row = 0;
        for (Example example : examples) {
            before.add(example.run().before(layer + 1, example.position()));
            groups.add(Group.of(example.run().behind(example.position(), layer + 1), 1, example.block()));
            places[row] = 1;
            row += example.block();
        }
        Tensor added = Engine.run("matmul", Engine.floats(places, rows, 1), state.reshape(1, state.size(0)));
        Tensor x = Tensor.concatenate(0, before.toArray(Tensor[]::new)).plus(added);
        x = model.decoder().blocks(x, groups, layer + 1, model.config().nLayers(), Hooks.NONE);
        Tensor divergence = Engine.run("divergence", wanted, model.decoder().unembed(x.rows(read)), weights);
        return decay > 0 ? divergence.plus(Engine.run("mul", Engine.run("length_of", state), decay)) : divergence;
    }

    /** The vector as it is now, [d_model], copied. */
    public float[] state() {
        return state.toFloats();
    }

    @Override
    public void close() {
        owner.close();
    }
}

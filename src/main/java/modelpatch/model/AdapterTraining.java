package modelpatch.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Trains an {@link Adapter} beside a model by the engine's autograd, one AdamW step (Loshchilov and Hutter 2019) at a time; schedule and data
 * are the caller's. Gradients are asked of the factors alone: the model's weights require none and are never written. With one thread the
 * same steps give the same bytes. The model must stay open for as long as this is.
 */
public final class AdapterTraining implements AutoCloseable {
    /**
     * Tokens of which some are to be predicted.
     *
     * @param ids [length], at least two
     * @param importance of predicting each of them from those before it, [length]; what the first has is not looked at
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Sequence(int[] ids, float[] importance) {
        public Sequence {
            if (ids.length < 2 || ids.length != importance.length) {
                throw new IllegalArgumentException(ids.length + " tokens and " + importance.length + " weights");
            }
        }
    }

    /**
     * Two continuations of one prompt.
     *
     * @param chosen the better one; the tokens of the continuation are those with an importance above 0
     * @param rejected the worse one
     * @param reference log-probability of the chosen minus that of the rejected continuation under the model that is not trained
     */
    public record Preference(Sequence chosen, Sequence rejected, double reference) {}

    private final LanguageModel base;
    private final DecoderTraining.Optimizer optimizer;
    private final int threads;
    private final int rank;
    private final double alpha;
    private final Engine.Owner owner = Engine.owner();
    private final Map<String, Weights.Beside> factors = new TreeMap<>();
    private final Prefix none;
    private final Tensor[] trained;
    private final Tensor[] first;
    private final Tensor[] second;
    private int steps;

    /**
     * Training that has made no step yet.
     *
     * @param threads of one operation; their number decides how it rounds
     * @throws BadInput where the adapter does not fit the model
     */
    public AdapterTraining(LanguageModel base, Adapter start, DecoderTraining.Optimizer optimizer, int threads) {
        start.requireFits(base.layout(), base.name());
        this.base = base;
        this.optimizer = optimizer;
        this.threads = threads;
        this.rank = start.rank();
        this.alpha = start.alpha();
        this.none = Prefix.empty(base.config());
        factors.putAll(Weights.beside(start, owner));
        List<Tensor> all = new ArrayList<>();
        factors.values().forEach(one -> all.addAll(List.of(one.a(), one.b())));
        trained = all.toArray(Tensor[]::new);
        first = zeros();
        second = zeros();
        for (Tensor factor : trained) {
            factor.requireGradient();
        }
    }

    private Tensor[] zeros() {
        return Arrays.stream(trained)
                .map(one -> Engine.floats(owner, new float[(int) (one.size(0) * one.size(1))], one.shape()))
                .toArray(Tensor[]::new);
    }

    /** How many steps were made. */
    public int steps() {
        return steps;
    }

    /**
     * One step on the mean cross entropy, by importance.
     *
     * @return the loss before the step, in nats
     */
    public double step(List<Sequence> batch, double learningRate) {
        return step(decoder -> crossEntropy(decoder, batch), learningRate);
    }

    /**
     * One step of direct preference optimisation (Rafailov et al. 2023, equation 7): the mean of -log sigmoid(beta ((log pi(chosen) - log
     * pi(rejected)) - reference)), log-probabilities summed over the tokens of a continuation.
     *
     * @return the loss before the step, in nats
     */
    public double prefer(List<Preference> pairs, double beta, double learningRate) {
        return step(decoder -> preferenceLoss(decoder, pairs, beta), learningRate);
    }

    /** A loss of a forward pass with the factors as they are. */
    @FunctionalInterface
    private interface Loss {
        Tensor of(Decoder decoder);
    }

    private double step(Loss loss, double learningRate) {
        try (Engine.Scope scope = Engine.recordingScope(threads)) {
            Tensor value = loss.of(decoder());
            Tensor[] gradients = Engine.runAll("gradients", value, trained);
            double norm =
                    DecoderTraining.Optimizer.norm(gradients, "an adapter", steps + 1, "take a smaller learning rate");
            steps++;
            optimizer.step(trained, gradients, first, second, norm, learningRate, steps);
            return value.toFloats()[0];
        }
    }

    private Decoder decoder() {
        return new Decoder(base.layout(), base.weights().borrowing(factors));
    }

    /** The gradient of {@link #step}'s loss by the name of the weight, A then B, row-major; nothing is changed. */
    Map<String, List<float[]>> gradients(List<Sequence> batch) {
        return gradients(decoder -> crossEntropy(decoder, batch));
    }

    /** As {@link #gradients(List)}, of the loss of {@link #prefer}. */
    Map<String, List<float[]>> gradients(List<Preference> pairs, double beta) {
        return gradients(decoder -> preferenceLoss(decoder, pairs, beta));
    }

    private Map<String, List<float[]>> gradients(Loss loss) {
        try (Engine.Scope scope = Engine.recordingScope(threads)) {
            Tensor[] found = Engine.runAll("gradients", loss.of(decoder()), trained);
            Map<String, List<float[]>> named = new TreeMap<>();
            int i = 0;
            for (String name : factors.keySet()) {
                named.put(name, List.of(found[i++].toFloats(), found[i++].toFloats()));
            }
            return named;
        }
    }

    // ---- losses

    private Tensor crossEntropy(Decoder decoder, List<Sequence> batch) {
        Targets targets = new Targets(batch);
        return Engine.run(
                "cross_entropy",
                targets.logits(decoder),
                Engine.ids(targets.ids()),
                Engine.floats(targets.importance(), targets.importance().length),
                Engine.once(targets.total()));
    }

    private Tensor preferenceLoss(Decoder decoder, List<Preference> pairs, double beta) {
        List<Sequence> sequences = new ArrayList<>();
        pairs.forEach(pair -> sequences.addAll(List.of(pair.chosen(), pair.rejected())));
        Targets targets = new Targets(sequences);
        int rows = targets.ids().length;
        float[] signs = new float[pairs.size() * rows];
        float[] references = new float[pairs.size()];
        for (int row = 0; row < rows; row++) {
            int sequence = targets.sequences()[row];
            signs[sequence / 2 * rows + row] = sequence % 2 == 0 ? 1 : -1;
        }
        for (int pair = 0; pair < pairs.size(); pair++) {
            references[pair] = (float) pairs.get(pair).reference();
        }
        return Engine.run(
                "preference",
                targets.logits(decoder),
                Engine.ids(targets.ids()),
                Engine.floats(signs, pairs.size(), rows),
                Engine.floats(references, references.length),
                beta);
    }

    /** What is to be predicted in some sequences, and from which rows of their forward pass. */
    private final class Targets {
        private final Ragged batch;
        private final List<Integer> ids = new ArrayList<>();
        private final List<Integer> rows = new ArrayList<>();
        private final List<Integer> sequences = new ArrayList<>();
        private final List<Float> importance = new ArrayList<>();

        Targets(List<Sequence> all) {
            List<int[]> inputs = new ArrayList<>();
            for (Sequence one : all) {
                base.requireIds(one.ids());
                inputs.add(Arrays.copyOf(one.ids(), one.ids().length - 1));
            }
            List<Integer> order = Batches.byLength(inputs);
            batch = new Ragged(inputs, order, length -> none);
            for (int sequence : order) {
                Sequence one = all.get(sequence);
                for (int t = 1; t < one.ids().length; t++) {
                    if (one.importance()[t] != 0) {
                        ids.add(one.ids()[t]);
                        rows.add(batch.firstRow(sequence) + t - 1);
                        sequences.add(sequence);
                        importance.add(one.importance()[t]);
                    }
                }
            }
            if (ids.isEmpty()) {
                throw new IllegalArgumentException("nothing to predict in " + all.size() + " sequences");
            }
        }

        /** Logits of the rows that predict something, [targets, d_vocab]. */
        Tensor logits(Decoder decoder) {
            Tensor x = decoder.blocks(
                    decoder.embed(batch.ids(), batch.groups()),
                    batch.groups(),
                    0,
                    base.config().nLayers(),
                    Hooks.NONE);
            return decoder.unembed(x.rows(ints(rows)));
        }

        int[] ids() {
            return ints(ids);
        }

        /** For each target the index of its sequence. */
        int[] sequences() {
            return ints(sequences);
        }

        float[] importance() {
            float[] values = new float[importance.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = importance.get(i);
            }
            return values;
        }

        float total() {
            return (float) importance.stream().mapToDouble(Float::doubleValue).sum();
        }

        private static int[] ints(List<Integer> values) {
            return values.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    /** The factors as they are now, copied. */
    public Adapter adapter() {
        Map<String, Adapter.Factors> now = new TreeMap<>();
        factors.forEach((name, one) -> now.put(
                name,
                new Adapter.Factors(
                        Math.toIntExact(one.b().size(0)),
                        Math.toIntExact(one.a().size(1)),
                        one.a().toFloats(),
                        one.b().toFloats())));
        return new Adapter(rank, alpha, now);
    }

    @Override
    public void close() {
        owner.close();
        none.close();
    }
}

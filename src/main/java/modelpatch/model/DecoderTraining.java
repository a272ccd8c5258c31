package modelpatch.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Trains a decoder by the engine's autograd, one AdamW step (Loshchilov and Hutter 2019) at a time; schedule and data are the caller's. The
 * weights are this object's own and are changed by {@link #step}. With one thread the same steps give the same bytes.
 */
public final class DecoderTraining implements AutoCloseable {
    private static final String STATE = "training-state.safetensors";
    private static final String STEPS = "steps";

    /**
     * What AdamW is told.
     *
     * @param weightDecay of matrices; vectors are not decayed
     * @param clip the largest norm of the whole gradient
     */
    public record Optimizer(double beta1, double beta2, double epsilon, double weightDecay, double clip) {
        /**
         * The norm of all gradients together.
         *
         * @param what is trained, for the message
         * @param step that they are of, from 1
         * @throws BadInput where it is not finite
         */
        static double norm(Tensor[] gradients, String what, int step, String remedy) {
            double norm = Engine.run("norm_of", (Object) gradients).toDoubles()[0];
            if (!Double.isFinite(norm)) {
                throw new BadInput(
                        "training " + what + " ran away",
                        "step " + step,
                        "a finite gradient",
                        String.valueOf(norm),
                        remedy);
            }
            return norm;
        }

        /**
         * One step: changes what is trained and both moments in place.
         *
         * @param norm of all gradients together, which are scaled down to the clip where it is longer
         * @param steps with this one
         */
        void step(
                Tensor[] trained,
                Tensor[] gradients,
                Tensor[] first,
                Tensor[] second,
                double norm,
                double learningRate,
                int steps) {
            Engine.run(
                    "adamw",
                    trained,
                    gradients,
                    first,
                    second,
                    Engine.once(Math.min(1, clip / norm)),
                    Engine.once(learningRate),
                    beta1,
                    beta2,
                    epsilon,
                    weightDecay,
                    Engine.once(steps));
        }
    }

    /**
     * Sequences of one length.
     *
     * @param ids [sequence][length + 1]; every token but the last is predicted from
     * @param weights of predicting {@code ids[s][t + 1]} at t, [sequence][length]
     * @param auxiliary further targets, possibly none
     */
    public record Batch(int[][] ids, float[][] weights, List<AuxiliaryTarget> auxiliary) {}

    /**
     * A token that the logit lens is asked for: cross entropy of unembedding(final norm(residual after {@code layer})) at a position.
     *
     * @param sequence index of the sequence in its batch
     */
    public record AuxiliaryTarget(int sequence, int position, int layer, int token, float weight) {}

    /**
     * What a step measured before it changed the weights.
     *
     * @param answer mean cross entropy, by weight, in nats
     * @param auxiliary mean of the weighted auxiliary cross entropies, 0 where there were no targets
     * @param gradientNorm before clipping
     */
    public record Losses(double answer, double auxiliary, double gradientNorm) {}

    private final JsonNode json;
    private final DecoderLayout layout;
    private final Optimizer optimizer;
    private final int threads;
    private final Weights weights;
    private final Weights first;
    private final Weights second;
    private int steps;

    private DecoderTraining(
            JsonNode json,
            DecoderLayout layout,
            Optimizer optimizer,
            int threads,
            Weights weights,
            Weights first,
            Weights second) {
        this.json = json;
        this.layout = layout;
        this.optimizer = optimizer;
        this.threads = threads;
        this.weights = weights;
        this.first = first;
        this.second = second;
        weights.named().values().forEach(Tensor::requireGradient);
    }

    /**
     * A model with random weights: matrices normal with the config's initializer_range, gains 1, biases 0.
     *
     * @param config in the manner of config.json
     * @param threads of one operation; their number decides how it rounds
     */
    public static DecoderTraining create(JsonNode config, Optimizer optimizer, long seed, int threads) {
        DecoderLayout model = DecoderLayout.of(config, "config");
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        double range = config.path("initializer_range").asDouble(0.02);
        Engine.Fill zeros = (first, part) -> put(part, () -> 0);
        Engine.Fill ones = (first, part) -> put(part, () -> 1);
        Engine.Fill drawn = (first, part) -> put(part, () -> range * random.nextGaussian());
        return new DecoderTraining(
                config,
                model,
                optimizer,
                threads,
                Weights.of(
                        model,
                        name -> model.tensors().get(name).size() > 1 ? drawn : name.endsWith(".bias") ? zeros : ones),
                Weights.of(model, name -> zeros),
                Weights.of(model, name -> zeros));
    }

    private static void put(FloatBuffer part, DoubleSupplier number) {
        while (part.hasRemaining()) {
            part.put((float) number.getAsDouble());
        }
    }

    /** Goes on from what {@link #save} wrote. */
    public static DecoderTraining resume(Path directory, JsonNode config, Optimizer optimizer, int threads) {
        DecoderLayout model = DecoderLayout.of(config, directory.toString());
        try (Checkpoint state = Checkpoint.open(directory.resolve(STATE))) {
            DecoderTraining training = new DecoderTraining(
                    config,
                    model,
                    optimizer,
                    threads,
                    Weights.of(model, reader(state, "", model)),
                    Weights.of(model, reader(state, "first.", model)),
                    Weights.of(model, reader(state, "second.", model)));
            training.steps = state.metadata().get(STEPS).asInt();
            return training;
        }
    }

    /** Whether there is something to resume from. */
    public static boolean canResume(Path directory) {
        return Files.exists(directory.resolve(STATE));
    }

    private static Function<String, Engine.Fill> reader(Checkpoint state, String prefix, DecoderLayout model) {
        return name -> {
            List<Long> shape = model.tensors().get(name);
            if (!state.tensor(prefix + name).shape().equals(shape)) {
                throw new BadInput(
                        "training state of another model",
                        prefix + name + " in " + state.path(),
                        shape.toString(),
                        state.tensor(prefix + name).shape().toString(),
                        "start anew in an empty directory");
            }
            return (first, part) -> state.readFloat32(prefix + name, first, part);
        };
    }

    /** How many steps were made. */
    public int steps() {
        return steps;
    }

    /** Takes one step; the weights are changed. */
    public Losses step(Batch batch, double learningRate) {
        try (Engine.Scope scope = Engine.recordingScope(threads)) {
            Measured measured = measure(batch, scope);
            double norm = measured.losses().gradientNorm();
            if (!Double.isFinite(norm)) {
                throw new IllegalStateException("the gradient is not finite at step " + steps);
            }
            steps++;
            optimizer.step(all(weights), measured.gradients(), all(first), all(second), norm, learningRate, steps);
            return measured.losses();
        }
    }

    /** The gradient of the whole loss by tensor name, row-major; the weights are left alone. */
    Map<String, float[]> gradients(Batch batch) {
        try (Engine.Scope scope = Engine.recordingScope(threads)) {
            Tensor[] gradients = measure(batch, scope).gradients();
            Map<String, float[]> named = new LinkedHashMap<>();
            int i = 0;
            for (String name : weights.named().keySet()) {
                named.put(name, gradients[i++].toFloats());
            }
            return named;
        }
    }

    /** The value of a tensor, a copy. */
    float[] weight(String name) {
        return weights.get(name).toFloats();
    }

    private record Measured(Tensor[] gradients, Losses losses) {}

    private Measured measure(Batch batch, Engine.Scope scope) {
        Map<Integer, Tensor> residuals = new LinkedHashMap<>();
        Tensor answer = answerLoss(batch, residuals, scope);
        Tensor loss = answer;
        double auxiliary = 0;
        if (!batch.auxiliary().isEmpty()) {
            Tensor part = auxiliaryLoss(batch, residuals);
            auxiliary = part.toFloats()[0];
            loss = answer.plus(part);
        }
        Tensor[] gradients = Engine.runAll("gradients", loss, all(weights));
        double norm = Engine.run("norm_of", (Object) gradients).toDoubles()[0];
        return new Measured(gradients, new Losses(answer.toFloats()[0], auxiliary, norm));
    }

    /** The answers' loss; the residual rows that auxiliary targets ask for are put into {@code residuals} by layer. */
    private Tensor answerLoss(Batch batch, Map<Integer, Tensor> residuals, Engine.Scope scope) {
        int length = batch.weights()[0].length;
        int[] ids = new int[batch.ids().length * length];
        int[] next = new int[ids.length];
        float[] importance = new float[ids.length];
        double total = 0;
        for (int sequence = 0; sequence < batch.ids().length; sequence++) {
            for (int t = 0; t < length; t++) {
                int row = sequence * length + t;
                ids[row] = batch.ids()[sequence][t];
                next[row] = batch.ids()[sequence][t + 1];
                importance[row] = batch.weights()[sequence][t];
                total += importance[row];
            }
        }
        Map<Integer, int[]> wanted = rowsByLayer(batch, length);
        Hooks hooks = (kind, layer, rows) -> {
            if (kind == Site.Kind.RESIDUAL_POST && wanted.containsKey(layer)) {
                residuals.put(layer, scope.adopt(rows.rows(wanted.get(layer))));
            }
            return rows;
        };
        Decoder decoder = new Decoder(layout, weights);
        try (Prefix none = Prefix.empty(layout.config())) {
            List<Group> groups = List.of(Group.of(none, batch.ids().length, length));
            Tensor x = decoder.blocks(
                    decoder.embed(ids, groups), groups, 0, layout.config().nLayers(), hooks);
            return crossEntropy(decoder.unembed(x), next, importance, total);
        }
    }

    private Tensor auxiliaryLoss(Batch batch, Map<Integer, Tensor> residuals) {
        Decoder decoder = new Decoder(layout, weights);
        Tensor sum = null;
        for (Map.Entry<Integer, Tensor> layer : residuals.entrySet()) {
            List<AuxiliaryTarget> targets = batch.auxiliary().stream()
                    .filter(target -> target.layer() == layer.getKey())
                    .toList();
            int[] tokens = targets.stream().mapToInt(AuxiliaryTarget::token).toArray();
            float[] importance = new float[tokens.length];
            for (int i = 0; i < tokens.length; i++) {
                importance[i] = targets.get(i).weight();
            }
            Tensor part = crossEntropy(
                    decoder.unembed(layer.getValue()),
                    tokens,
                    importance,
                    batch.auxiliary().size());
            sum = sum == null ? part : sum.plus(part);
        }
        return sum;
    }

    private static Map<Integer, int[]> rowsByLayer(Batch batch, int length) {
        Map<Integer, List<Integer>> rows = new LinkedHashMap<>();
        for (AuxiliaryTarget target : batch.auxiliary()) {
            rows.computeIfAbsent(target.layer(), layer -> new ArrayList<>())
                    .add(target.sequence() * length + target.position());
        }
        Map<Integer, int[]> arrays = new LinkedHashMap<>();
        rows.forEach((layer, list) ->
                arrays.put(layer, list.stream().mapToInt(Integer::intValue).toArray()));
        return arrays;
    }

    private static Tensor crossEntropy(Tensor logits, int[] ids, float[] importance, double total) {
        return Engine.run(
                "cross_entropy",
                logits,
                Engine.ids(ids),
                Engine.floats(importance, importance.length),
                Engine.once(total));
    }

    private static Tensor[] all(Weights weights) {
        return weights.named().values().toArray(Tensor[]::new);
    }

    /** Writes everything that going on needs, as one file. */
    public void save(Path directory) {
        List<OutgoingTensor> tensors = new ArrayList<>();
        outgoing(weights, "", tensors);
        outgoing(first, "first.", tensors);
        outgoing(second, "second.", tensors);
        SafetensorsWriter.write(directory.resolve(STATE), Map.of(STEPS, String.valueOf(steps)), tensors);
    }

    /** Writes config.json and model.safetensors. */
    public void writeCheckpoint(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<OutgoingTensor> tensors = new ArrayList<>();
        outgoing(weights, "", tensors);
        SafetensorsWriter.write(directory.resolve("model.safetensors"), Map.of("format", "pt"), tensors);
        AtomicFile.write(
                directory.resolve("config.json"),
                out -> out.write(json.toPrettyString().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    private static void outgoing(Weights weights, String prefix, List<OutgoingTensor> tensors) {
        weights.named()
                .forEach((name, tensor) -> tensors.add(OutgoingTensor.float32(
                        prefix + name, Arrays.stream(tensor.shape()).boxed().toList(), tensor.toFloats())));
    }

    @Override
    public void close() {
        weights.close();
        first.close();
        second.close();
    }
}

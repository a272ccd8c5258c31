package modelpatch.train;

import java.nio.file.Path;
import java.util.Objects;
import modelpatch.document.RecordFile;

/**
 * Everything that decides a training run: the same configuration, seed and number of threads give the same weights on one machine.
 *
 * @param name the model's name
 * @param seed decides the world, the first weights and the order of the lessons
 * @param threads of the engine; bits are promised for 1
 */
public record TrainingConfig(
        String name,
        long seed,
        int threads,
        WorldPlan world,
        Shape model,
        Lessons lessons,
        Schedule schedule,
        StopRule stop) {
    public TrainingConfig {
        require(name != null && !name.isBlank(), "missing key 'name'");
        require(world != null, "missing key 'world'");
        require(model != null, "missing key 'model'");
        require(lessons != null, "missing key 'lessons'");
        require(schedule != null, "missing key 'schedule'");
        require(stop != null, "missing key 'stop'");
        require(threads >= 1, "threads must be at least 1, but is " + threads);
        require(
                lessons.auxiliaryLayer() < model.layers(),
                "lessons.auxiliaryLayer must be below model.layers = " + (model == null ? 0 : model.layers())
                        + ", but is " + (lessons == null ? 0 : lessons.auxiliaryLayer()));
        require(
                lessons.length() <= model.context(),
                "lessons.length must not exceed model.context = " + model.context() + ", but is " + lessons.length());
    }

    /**
     * The shape of the decoder: pre-norm RMSNorm, rotary positions, gated SiLU MLP, no biases, tied embeddings.
     *
     * @param layers blocks
     * @param width of the residual stream, d_model
     * @param heads attention heads of width / heads dimensions each, an even number
     * @param mlp width of the MLP, d_mlp
     * @param context the longest sequence the model accepts
     * @param ropeBase the base of the rotary frequencies
     */
    public record Shape(int layers, int width, int heads, int mlp, int context, double ropeBase) {
        public Shape {
            require(
                    layers >= 1 && width >= 1 && heads >= 1 && mlp >= 1 && context >= 1,
                    "every size must be at least 1");
            require(
                    width % heads == 0 && width / heads % 2 == 0,
                    "width must give every head an even number of dimensions, but is " + width + " for " + heads
                            + " heads");
            require(ropeBase > 1, "ropeBase must be above 1, but is " + ropeBase);
        }
    }

    /**
     * What a step is made of.
     *
     * @param sequences of a step
     * @param length tokens of a sequence that are predicted from
     * @param composedShare the chance that a sentence is a taught composition and no single fact
     * @param promptWeight weight of the loss on prompt tokens; answer and stop tokens have 1
     * @param auxiliaryWeight weight of the auxiliary loss, which asks for the bridge by the logit lens; 0 for none
     * @param auxiliaryLayer the block after which it asks
     * @param auxiliaryShare the share of the taught compositions on which it asks
     */
    public record Lessons(
            int sequences,
            int length,
            double composedShare,
            double promptWeight,
            double auxiliaryWeight,
            int auxiliaryLayer,
            double auxiliaryShare) {
        public Lessons {
            require(sequences >= 1, "sequences must be at least 1, but is " + sequences);
            require(length >= 2, "length must be at least 2, but is " + length);
            requireShare("composedShare", composedShare);
            requireShare("promptWeight", promptWeight);
            requireShare("auxiliaryShare", auxiliaryShare);
            require(auxiliaryWeight >= 0, "auxiliaryWeight must not be negative, but is " + auxiliaryWeight);
            require(auxiliaryLayer >= 0, "auxiliaryLayer must not be negative, but is " + auxiliaryLayer);
        }
    }

    /**
     * The learning rate by step: linear to the peak over the warm-up, then along half a cosine to {@code floor} times the peak at the
     * last step.
     *
     * @param learningRate the peak
     * @param warmup steps
     * @param floor in [0, 1]
     * @param steps the most that are taken
     * @param evaluateEvery steps between two exams, at which the run may stop
     * @param checkpointEvery steps between two checkpoints, from which a run resumes
     */
    public record Schedule(
            double learningRate, int warmup, double floor, int steps, int evaluateEvery, int checkpointEvery) {
        public Schedule {
            require(learningRate > 0, "learningRate must be above 0, but is " + learningRate);
            require(warmup >= 0 && warmup < steps, "warmup must be in [0, steps), but is " + warmup + " of " + steps);
            requireShare("floor", floor);
            require(evaluateEvery >= 1 && checkpointEvery >= 1, "evaluateEvery and checkpointEvery must be at least 1");
        }

        /** The learning rate of a step, counted from 1. */
        double rate(int step) {
            if (step < 1 || step > steps) {
                throw new IllegalArgumentException("step " + step + " outside of 1.." + steps);
            }
            if (step <= warmup) {
                return learningRate * step / warmup;
            }
            double turn = Math.PI * (step - warmup) / (steps - warmup);
            return learningRate * (floor + (1 - floor) * (1 + Math.cos(turn)) / 2);
        }
    }

    /**
     * Reads a configuration.
     *
     * @throws modelpatch.BadInput naming the line: unknown, missing or repeated keys, values out of range
     */
    public static TrainingConfig read(Path yaml) {
        return RecordFile.read(yaml, TrainingConfig.class);
    }

    /** The same with another seed: another world, the same recipe. */
    public TrainingConfig withSeed(long other) {
        return new TrainingConfig(name, other, threads, world, model, lessons, schedule, stop);
    }

    /** The same under another name. */
    public TrainingConfig withName(String other) {
        return new TrainingConfig(Objects.requireNonNull(other), seed, threads, world, model, lessons, schedule, stop);
    }

    /** The same with another number of threads. */
    public TrainingConfig withThreads(int other) {
        return new TrainingConfig(name, seed, other, world, model, lessons, schedule, stop);
    }

    static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    static void requireShare(String name, double value) {
        require(value >= 0 && value <= 1, name + " must be in [0, 1], but is " + value);
    }
}

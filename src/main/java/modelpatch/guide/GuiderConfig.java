package modelpatch.guide;

import java.nio.file.Path;
import modelpatch.document.RecordFile;
import modelpatch.train.TrainingConfig;

/**
 * How a guider and its base are trained: the same configuration and seed give the same files on one machine.
 *
 * @param seed decides worlds, first weights and the order of what is taught
 * @param threads of the engine; bits are promised for 1
 * @param model the shape of the base, which the guider shares
 * @param worlds that both are told of
 * @param base how the base is trained
 * @param guider how chains are taught beside it
 * @param preference how preferences are taught on top; no steps for none
 */
public record GuiderConfig(
        long seed,
        int threads,
        TrainingConfig.Shape model,
        Worlds worlds,
        Base base,
        Guider guider,
        Preference preference) {
    public GuiderConfig {
        require(threads >= 1, "threads must be at least 1, but is " + threads);
        require(model != null, "missing key 'model'");
        require(worlds != null, "missing key 'worlds'");
        require(base != null, "missing key 'base'");
        require(guider != null, "missing key 'guider'");
        require(preference != null, "missing key 'preference'");
        require(
                base != null && model != null && base.length() <= model.context(),
                "base.length must not exceed model.context");
    }

    /**
     * Worlds of the target's names and sentences whose facts are drawn anew, so that nobody learns any.
     *
     * @param redrawEvery steps between two worlds
     */
    public record Worlds(int redrawEvery) {
        public Worlds {
            require(redrawEvery >= 1, "redrawEvery must be at least 1, but is " + redrawEvery);
        }
    }

    /**
     * The base answers at once.
     *
     * @param sequences of a step
     * @param length tokens of a sequence that are predicted from
     * @param composedShare the chance that a sentence is a composition and no single fact
     * @param linkedShare the chance that the next sentence is about what the last one named, so that names are taken up again
     * @param learningRate the peak of a cosine with a warm-up over a tenth of the steps
     */
    public record Base(
            int steps,
            int sequences,
            int length,
            double composedShare,
            double linkedShare,
            double learningRate,
            int checkpointEvery) {
        public Base {
            require(steps >= 1 && sequences >= 1 && length >= 2, "base: steps, sequences and length must be positive");
            require(composedShare >= 0 && composedShare <= 1, "composedShare must be in [0, 1]");
            require(linkedShare >= 0 && linkedShare <= 1, "linkedShare must be in [0, 1]");
            require(
                    learningRate > 0 && checkpointEvery >= 1,
                    "base: learningRate and checkpointEvery must be positive");
        }
    }

    /**
     * The guider says the bridge first and then asks the last hop of it.
     *
     * @param rank of the adapter
     * @param alpha of the adapter
     * @param sequences of a step, one question each
     * @param chainShare the chance that a sequence is a composition with its chain and no single fact
     */
    public record Guider(int rank, double alpha, int steps, int sequences, double chainShare, double learningRate) {
        public Guider {
            require(rank >= 1 && alpha > 0, "guider: rank and alpha must be positive");
            require(steps >= 1 && sequences >= 1, "guider: steps and sequences must be positive");
            require(chainShare > 0 && chainShare <= 1, "chainShare must be in (0, 1]");
            require(learningRate > 0, "guider: learningRate must be positive");
        }
    }

    /**
     * Direct preference optimisation with mixed pairs: what one of target and guider got right over what the other got wrong.
     *
     * @param beta of the loss
     * @param questions of the target's own world that both are asked for pairs
     * @param pairs of a step
     */
    public record Preference(double beta, int questions, int steps, int pairs, double learningRate) {
        public Preference {
            require(steps >= 0, "preference: steps must not be negative");
            require(
                    steps == 0 || (beta > 0 && questions >= 1 && pairs >= 1 && learningRate > 0),
                    "preference: beta, questions, pairs and learningRate must be positive");
        }
    }

    /**
     * Reads a configuration.
     *
     * @throws modelpatch.BadInput naming the line: unknown, missing or repeated keys, values out of range
     */
    public static GuiderConfig read(Path yaml) {
        return RecordFile.read(yaml, GuiderConfig.class);
    }

    /** A cosine to 0 with a warm-up over a tenth of the steps, counted from 1. */
    static double rate(double peak, int step, int steps) {
        int warmup = (steps + 9) / 10;
        return step <= warmup
                ? peak * step / warmup
                : peak * (1 + Math.cos(Math.PI * (step - warmup) / (steps - warmup + 1))) / 2;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}

package modelpatch.adapt;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import modelpatch.BadInput;

/**
 * How an adapter is trained.
 *
 * @param rank r
 * @param alpha of W x + (alpha / r) B A x
 * @param on which linear layers of a block get factors
 * @param learningRate the peak of a cosine with a warm-up over a tenth of the steps
 * @param weightDecay of AdamW
 * @param sequences how many sequences are drawn, each a permutation of the lessons of a group, each lesson in a wording drawn for it
 * @param batch sequences of a step
 * @param loss which answers of a sequence are learned
 * @param format whether lessons stand in one sequence or each by itself
 * @param seed of factors, permutations and wordings
 */
public record AdaptRecipe(
        int rank,
        double alpha,
        Set<Part> on,
        double learningRate,
        double weightDecay,
        int sequences,
        int batch,
        Loss loss,
        Format format,
        long seed) {

    /** alpha, where nobody says otherwise. */
    public static final double USUAL_ALPHA = 16;

    /** Linear layers of a block. */
    public enum Part {
        /** What makes queries, keys and values. */
        QKV,
        /** W_O. */
        O,
        /** Those of the MLP. */
        MLP;

        /** The name that files and flags use. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Which answers of a sequence are learned; questions never are. */
    public enum Loss {
        /** Every answer given all that stands before it: one sequence holds a task for each number of demonstrations. */
        ALL,
        /** The last answer alone. */
        LAST
    }

    /** How lessons are put together. */
    public enum Format {
        /** All lessons of a group in one sequence: in-context learning with one left out. */
        IN_CONTEXT,
        /** Each lesson alone, the weaker alternative. */
        DIRECT
    }

    public AdaptRecipe {
        on = Set.copyOf(on);
        requirePositive("--rank", rank);
        requirePositive("--alpha", alpha);
        requirePositive("--learning-rate", learningRate);
        requirePositive("--sequences", sequences);
        requirePositive("--batch", batch);
        if (!(weightDecay >= 0)) {
            throw new BadInput(
                    "out of range", "--weight-decay", "0 or more", String.valueOf(weightDecay), "0 is usual");
        }
        if (on.isEmpty()) {
            throw new BadInput("adapter of no layer", "--on", "qkv, o or mlp", "none", "leave it out for all three");
        }
    }

    /** What suits the models here: rank 8 on every linear layer, 40 sequences in steps of five. */
    public static AdaptRecipe usual(long seed) {
        return new AdaptRecipe(
                8, USUAL_ALPHA, Set.of(Part.values()), 1e-3, 0, 40, 5, Loss.ALL, Format.IN_CONTEXT, seed);
    }

    /** The same with lessons put together otherwise. */
    public AdaptRecipe with(Format other) {
        return new AdaptRecipe(rank, alpha, on, learningRate, weightDecay, sequences, batch, loss, other, seed);
    }

    /** How many steps are made. */
    public int steps() {
        return (sequences + batch - 1) / batch;
    }

    /** The learning rate of a step, counted from 1: linear over the warm-up, then along half a cosine to 0 behind the last. */
    public double rate(int step) {
        int warmup = (steps() + 9) / 10;
        if (step <= warmup) {
            return learningRate * step / warmup;
        }
        return learningRate * (1 + Math.cos(Math.PI * (step - warmup) / (steps() - warmup + 1))) / 2;
    }

    @Override
    public String toString() {
        Set<String> parts = new TreeSet<>();
        on.forEach(part -> parts.add(part.key()));
        return "rank " + rank + ", alpha " + alpha + " on " + String.join("+", parts) + ", learning rate "
                + learningRate
                + ", " + sequences + " sequences in " + steps() + " steps, loss on "
                + loss.name().toLowerCase(Locale.ROOT) + " answers, "
                + format.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static void requirePositive(String option, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new BadInput(
                    "out of range", option, "a number above 0", String.valueOf(value), "leave it out for the default");
        }
    }
}

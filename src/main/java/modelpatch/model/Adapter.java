package modelpatch.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Linear;

/**
 * A change of low rank that stands beside a model's weights: a linear layer W x becomes W x + (alpha / r) B A x (LoRA, Hu et al. 2021, section
 * 4.1). The weights themselves are never touched. Immutable; plain numbers, no native memory.
 *
 * @param rank r, the same for every layer
 * @param factors by the name of the weight that they stand beside
 */
public record Adapter(int rank, double alpha, Map<String, Factors> factors) {

    /**
     * The factors of one linear layer; nobody changes the arrays.
     *
     * @param a A, [rank, dIn] row-major
     * @param b B, [dOut, rank] row-major
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Factors(int dOut, int dIn, float[] a, float[] b) {}

    /** @throws BadInput where a rank or alpha cannot be, or a factor has another size than its layer asks for */
    public Adapter {
        factors = new TreeMap<>(factors);
        if (rank < 1) {
            throw new BadInput("rank of an adapter", "rank", "1 or more", String.valueOf(rank), "8 is usual");
        }
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new BadInput("alpha of an adapter", "alpha", "a number above 0", String.valueOf(alpha), "take 2 r");
        }
        int r = rank;
        factors.forEach((name, one) -> {
            if (one.a().length != r * one.dIn() || one.b().length != one.dOut() * r) {
                throw new BadInput(
                        "factors of an adapter have the wrong size",
                        name,
                        "A [" + r + ", " + one.dIn() + "] and B [" + one.dOut() + ", " + r + "]",
                        one.a().length + " and " + one.b().length + " numbers",
                        "make the adapter again");
            }
        });
    }

    /**
     * Where training begins: A uniform in ±1/sqrt(d_in), B zero, so that nothing is changed yet.
     *
     * @param chosen which linear layers of the blocks get factors
     * @throws BadInput where none is chosen
     */
    public static Adapter beginning(
            DecoderLayout layout, Predicate<Linear> chosen, int rank, double alpha, RandomGenerator random) {
        Map<String, Factors> factors = new LinkedHashMap<>();
        for (Linear linear : adaptable(layout)) {
            if (chosen.test(linear)) {
                int dIn = Math.toIntExact(linear.dIn());
                int dOut = Math.toIntExact(linear.dOut());
                float[] a = new float[rank * dIn];
                double bound = 1 / Math.sqrt(dIn);
                for (int i = 0; i < a.length; i++) {
                    a[i] = (float) (bound * (2 * random.nextDouble() - 1));
                }
                factors.put(linear.weight(), new Factors(dOut, dIn, a, new float[dOut * rank]));
            }
        }
        if (factors.isEmpty()) {
            throw new BadInput(
                    "adapter of no layer", "chosen layers", "at least one", "none", "choose layers that the model has");
        }
        return new Adapter(rank, alpha, factors);
    }

    /** The linear layers of the blocks that may have factors: each with a tensor of its own. */
    static List<Linear> adaptable(DecoderLayout layout) {
        Linear unembedding = layout.unembedding().linear();
        return layout.linears().stream()
                .filter(linear -> !linear.equals(unembedding))
                .toList();
    }

    /** The factor of B A x, alpha / r. */
    public double scale() {
        return alpha / rank;
    }

    /** How many numbers it has. */
    public long parameters() {
        return factors.values().stream()
                .mapToLong(one -> (long) one.a().length + one.b().length)
                .sum();
    }

    /** Whether it changes nothing, as it does before any training. */
    public boolean isZero() {
        for (Factors one : factors.values()) {
            for (float value : one.b()) {
                if (value != 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** @throws BadInput where it stands beside a layer that a model does not have, or that has another size there */
    void requireFits(DecoderLayout layout, String model) {
        Map<String, Linear> linears = new TreeMap<>();
        adaptable(layout).forEach(linear -> linears.put(linear.weight(), linear));
        factors.forEach((name, one) -> {
            Linear linear = linears.get(name);
            if (linear == null || linear.dOut() != one.dOut() || linear.dIn() != one.dIn()) {
                throw new BadInput(
                        "adapter of another model",
                        name + " in " + model,
                        "a linear layer [" + one.dOut() + ", " + one.dIn() + "]",
                        linear == null ? "none of that name" : "[" + linear.dOut() + ", " + linear.dIn() + "]",
                        "use it on the model that it was trained on");
            }
        });
    }
}

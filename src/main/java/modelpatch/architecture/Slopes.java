package modelpatch.architecture;

import java.util.Arrays;
import modelpatch.family.Switches.Alibi;

/**
 * Biases of attention scores that fall with the distance (ALiBi; Press et al. 2022): slope[head] * position of the key is added. As the
 * softmax does not see what all keys share, that is -slope * distance.
 *
 * @param perHead [n_heads]
 */
public record Slopes(double[] perHead) {

    static Slopes of(Alibi kind, int heads, double biasMax) {
        return switch (kind) {
            case BLOOM -> new Slopes(interleaved(heads));
            case MPT -> new Slopes(everySecondFirst(heads, biasMax));
            case NONE -> throw new IllegalArgumentException("no biases");
        };
    }

    /** 2^(-8 i / n) for a power of two n; the heads beyond it take every second slope of 2 n. */
    private static double[] interleaved(int heads) {
        int power = Integer.highestOneBit(heads);
        double[] slopes = new double[heads];
        for (int head = 0; head < heads; head++) {
            slopes[head] = head < power
                    ? Math.pow(2, -8.0 * (head + 1) / power)
                    : Math.pow(2, -8.0 * (2 * (head - power) + 1) / (2.0 * power));
        }
        return slopes;
    }

    /** Those of the next power of two: first its second, fourth, ... slope, then the others. */
    private static double[] everySecondFirst(int heads, double biasMax) {
        int power = Integer.highestOneBit(heads) == heads ? heads : 2 * Integer.highestOneBit(heads);
        double[] slopes = new double[heads];
        for (int head = 0; head < heads; head++) {
            int step = power == heads ? head + 1 : head < power / 2 ? 2 * head + 2 : 2 * (head - power / 2) + 1;
            slopes[head] = Math.pow(2, -biasMax * step / power);
        }
        return slopes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Slopes one && Arrays.equals(perHead, one.perHead);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(perHead);
    }
}

package modelpatch.architecture;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * Rotary position embedding (Su et al. 2021): the first {@code dimensions} of each head turn by angle position * frequency[i].
 *
 * @param pairs whether dimension 2i turns with 2i + 1 (GPT-J); otherwise i turns with i + dimensions/2
 * @param frequencies radians per position, [dimensions / 2]
 * @param magnitude by what cosines and sines are multiplied (YaRN's attention factor)
 * @param beyond what takes over in long sequences (LongRoPE)
 */
public record Rotary(int dimensions, boolean pairs, double[] frequencies, double magnitude, Optional<Beyond> beyond) {

    /**
     * The frequencies of sequences that are longer than some length; every position of such a sequence turns by them.
     *
     * @param length the longest sequence that the others are for
     * @param frequencies radians per position, [dimensions / 2]
     */
    public record Beyond(int length, double[] frequencies) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Beyond one && length == one.length && Arrays.equals(frequencies, one.frequencies);
        }

        @Override
        public int hashCode() {
            return Objects.hash(length, Arrays.hashCode(frequencies));
        }
    }

    /** The frequencies in a sequence of a length. */
    public double[] frequencies(int length) {
        return beyond.filter(other -> length > other.length())
                .map(Beyond::frequencies)
                .orElse(frequencies);
    }

    /**
     * By what angle a position turns, in radians: position * frequency, in float32 as the reference implementations have it. (Measured on
     * gemma-3-270m, 1,000 tokens: logits 1.4e-5 from the reference so, 1.4e-4 by exact angles.)
     */
    public static double angle(int position, double frequency) {
        return (float) position * (float) frequency;
    }

    /** By value: equal descriptions of decoders give equal numbers. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Rotary one
                && dimensions == one.dimensions
                && pairs == one.pairs
                && Arrays.equals(frequencies, one.frequencies)
                && Double.compare(magnitude, one.magnitude) == 0
                && beyond.equals(one.beyond);
    }

    @Override
    public int hashCode() {
        return Objects.hash(dimensions, pairs, Arrays.hashCode(frequencies), magnitude, beyond);
    }
}

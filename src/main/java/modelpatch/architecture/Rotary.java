package modelpatch.architecture;

/**
 * Rotary position embedding (Su et al. 2021): the first {@code dimensions} of each head turn by angle position * frequency[i].
 *
 * @param pairs whether dimension 2i turns with 2i + 1 (GPT-J); otherwise i turns with i + dimensions/2
 * @param frequencies radians per position, [dimensions / 2]
 */
public record Rotary(int dimensions, boolean pairs, double[] frequencies) {}

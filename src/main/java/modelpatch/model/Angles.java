package modelpatch.model;

import modelpatch.architecture.Rotary;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * By what angles the heads of given positions turn (Su et al. 2021); the formula is {@link Rotary}'s.
 *
 * @param cosines [rows, dimensions / 2]
 * @param sines [rows, dimensions / 2]
 */
record Angles(Rotary rotary, Tensor cosines, Tensor sines) {

    /**
     * @param positions of the rows
     * @param lengths how long the sequence of each row is
     */
    static Angles of(Rotary rotary, int[] positions, int[] lengths) {
        return new Angles(rotary, table(rotary, positions, lengths, true), table(rotary, positions, lengths, false));
    }

    private static Tensor table(Rotary rotary, int[] positions, int[] lengths, boolean cosine) {
        int half = rotary.dimensions() / 2;
        float[] values = new float[positions.length * half];
        for (int row = 0; row < positions.length; row++) {
            double[] frequencies = rotary.frequencies(lengths[row]);
            for (int i = 0; i < half; i++) {
                double angle = Rotary.angle(positions[row], frequencies[i]);
                values[row * half + i] = (float) (rotary.magnitude() * (cosine ? Math.cos(angle) : Math.sin(angle)));
            }
        }
        return Engine.floats(values, positions.length, half);
    }

    /** Queries or keys, [rows, heads, d_head], turned by their positions. */
    Tensor turn(Tensor heads) {
        return Engine.run(rotary.pairs() ? "rotate_pairs" : "rotate_halves", heads, cosines, sines);
    }
}

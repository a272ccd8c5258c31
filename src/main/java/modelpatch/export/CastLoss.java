package modelpatch.export;

import java.nio.FloatBuffer;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.TensorKind;

/**
 * What storing a patched tensor in its kind did to the change: rounding W + dW to 16 bits can swallow small entries of dW. Whether that
 * matters is a question of behaviour, so evaluate the written model.
 *
 * @param tensor which
 * @param kind as stored
 * @param changed how many elements differ from the base as stored
 * @param elements how many there are
 * @param largestError largest |stored - (W + dW)|
 * @param relativeError |stored change - dW| / |dW| in the Frobenius norm; 0 for a change of 0
 */
public record CastLoss(
        String tensor, TensorKind kind, long changed, long elements, double largestError, double relativeError) {
    /** Numbers that are looked at at a time. */
    private static final int PART = 1 << 18;

    static CastLoss of(Checkpoint base, Checkpoint merged, String tensor, float[] patched) {
        FloatBuffer before = FloatBuffer.allocate(Math.min(PART, patched.length));
        FloatBuffer stored = FloatBuffer.allocate(before.capacity());
        long changed = 0;
        double largest = 0;
        double lost = 0;
        double asked = 0;
        for (long first = 0; first < patched.length; first += PART) {
            base.readFloat32(tensor, first, before.clear());
            merged.readFloat32(tensor, first, stored.clear());
            for (int i = 0; i < before.position(); i++) {
                float wanted = patched[(int) first + i];
                changed += stored.get(i) != before.get(i) ? 1 : 0;
                double error = (double) stored.get(i) - wanted;
                double delta = (double) wanted - before.get(i);
                largest = Math.max(largest, Math.abs(error));
                lost += error * error;
                asked += delta * delta;
            }
        }
        return new CastLoss(
                tensor,
                merged.tensor(tensor).kind(),
                changed,
                patched.length,
                largest,
                asked > 0 ? Math.sqrt(lost / asked) : 0);
    }
}

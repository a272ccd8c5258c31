package modelpatch.export;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import modelpatch.architecture.Linear;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.TensorKind;

/**
 * The weights of a checkpoint with patches on them, read when they are written.
 *
 * @param patched row-major float32 in the checkpoint's orientation, by name; all others are the base's
 */
record PatchedWeights(Checkpoint base, Map<String, float[]> patched) {
    List<Long> shape(String name) {
        return base.tensor(name).shape();
    }

    OutgoingTensor outgoing(String name, TensorKind kind) {
        float[] values = patched.get(name);
        return values == null
                ? OutgoingTensor.encoded(base, name, kind)
                : OutgoingTensor.encoded(name, kind, shape(name), () -> FloatBuffer.wrap(values));
    }

    /** The matrix of a linear layer, [dOut, dIn] row-major, of a size that an array can hold; a new array. */
    float[] values(Linear linear) {
        float[] own = new float[Math.toIntExact(linear.dOut() * linear.dIn())];
        long from = (long) own.length * linear.slice().map(Linear.Slice::index).orElse(0);
        float[] values = patched.get(linear.weight());
        if (values == null) {
            base.readFloat32(linear.weight(), from, FloatBuffer.wrap(own));
        } else {
            System.arraycopy(values, (int) from, own, 0, own.length);
        }
        return linear.transposed() ? across(own, Math.toIntExact(linear.dIn())) : own;
    }

    private static float[] across(float[] values, int rows) {
        int columns = values.length / rows;
        float[] turned = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
        return turned;
    }
}

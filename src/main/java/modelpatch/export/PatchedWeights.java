package modelpatch.export;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
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

    /** The numbers of a matrix, row-major in the checkpoint's orientation or across it; a new array. */
    float[] values(String name, boolean across) {
        float[] values = patched.get(name);
        if (values == null) {
            values = new float[Math.toIntExact(base.tensor(name).elements())];
            base.readFloat32(name, FloatBuffer.wrap(values));
        }
        if (!across) {
            return values.clone();
        }
        int rows = Math.toIntExact(shape(name).get(0));
        int columns = Math.toIntExact(shape(name).get(1));
        float[] turned = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                turned[column * rows + row] = values[row * columns + column];
            }
        }
        return turned;
    }
}

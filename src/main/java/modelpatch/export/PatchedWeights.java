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
}

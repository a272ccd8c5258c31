package modelpatch.export;

import java.util.List;
import java.util.Optional;
import modelpatch.export.foreign.Rewritten;

/**
 * What was exported as ONNX.
 *
 * @param weights how matrices are stored
 * @param rewritten constants of the given ONNX file; empty where a new one was written
 * @param given how near that file was to the unpatched engine; empty where that was not asked for
 * @param parity how near the written one is to the patched engine; empty where no proof was asked for
 * @param verdict passed, failed (nothing was written), or unproved
 */
public record OnnxDocument(
        String out,
        String format,
        String weights,
        List<Rewritten> rewritten,
        Optional<Parity> given,
        Optional<Parity> parity,
        String verdict,
        double seconds) {
    static final String UNPROVED = "unproved";

    /** Whether it was written. */
    public boolean passed() {
        return parity.map(Parity::holds).orElse(true);
    }
}

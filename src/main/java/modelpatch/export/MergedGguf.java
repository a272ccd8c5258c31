package modelpatch.export;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.GgufWriter;
import modelpatch.checkpoint.TensorKind;
import modelpatch.patch.PatchStack;

/**
 * A patched GGUF model as a GGUF file of its own. Edited tensors are stored in a kind that holds the change; everything else, the tokenizer
 * included, is the base's byte for byte. What was quantised and is not edited stays as it was quantised.
 */
public final class MergedGguf {
    private MergedGguf() {}

    /**
     * Writes the patched model under the base's file name.
     *
     * @param base only read
     * @param kind F32, F16, BF16 or Q8_0, for edited tensors
     * @param everyMatrix whether all other matrices are stored so too
     * @param target a directory that does not exist yet or is empty
     * @return what the kind did to each edited tensor, by name
     * @throws modelpatch.BadInput when the base is no GGUF file, the target is taken, a patch does not fit or the disk is full
     */
    public static List<CastLoss> write(
            Checkpoint base, PatchStack stack, TensorKind kind, boolean everyMatrix, Path target) {
        Map<String, float[]> patched = stack.weights(base);
        return AtomicDirectory.write(
                target,
                directory -> {
                    Path file = directory.resolve(base.name().endsWith(".gguf") ? base.name() : base.name() + ".gguf");
                    GgufWriter.write(base, patched, kind, everyMatrix, file);
                    Companions companions = new Companions(base);
                    companions.copy(directory);
                    companions.writeRecord(directory, stack, patched.keySet());
                    try (Checkpoint merged = Checkpoint.open(file)) {
                        return patched.entrySet().stream()
                                .map(edited -> CastLoss.of(base, merged, edited.getKey(), edited.getValue()))
                                .toList();
                    }
                },
                losses -> true);
    }
}

package modelpatch.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.foreign.OnnxPatcher;
import modelpatch.export.foreign.Rewritten;
import modelpatch.patch.PatchStack;

/**
 * Patches in an ONNX model that some exporter made: a directory with the model's own files, in which only edited weights and what the file says
 * of its patches are new, and with what lies beside a model.
 */
public final class MergedOnnx {
    private final Checkpoint base;
    private final PatchStack stack;
    private final Path model;
    private final boolean requantises;
    private final Optional<ParityCheck> unpatched;

    private MergedOnnx(
            Checkpoint base, PatchStack stack, Path model, boolean requantises, Optional<ParityCheck> unpatched) {
        this.base = base;
        this.stack = stack;
        this.model = model;
        this.requantises = requantises;
        this.unpatched = unpatched;
    }

    /**
     * What was done.
     *
     * @param given of the file as it was given with the unpatched engine; empty where that was not asked for
     * @param parity of the patched file with the engine; empty where no proof was asked for
     */
    public record Outcome(List<Rewritten> rewritten, Optional<Parity> given, Optional<Parity> parity) {
        /** Whether the directory is there. */
        public boolean holds() {
            return parity.map(Parity::holds).orElse(true);
        }
    }

    /**
     * Refuses models in which an edited weight is quantised.
     *
     * @param base what the patches were made for and the ONNX model was exported from; only read
     * @param model the ONNX file; its external data lie beside it; only read
     */
    public static MergedOnnx of(Checkpoint base, PatchStack stack, Path model) {
        return new MergedOnnx(base, stack, model, false, Optional.empty());
    }

    /**
     * The same for models that are quantised: edited weights are quantised again as the file has them, and the file is judged by its mean KL
     * divergence from the engine.
     *
     * @param engine what it gave without the patches: as far as the given file is from that, the patched one may be from the patched engine,
     *     beside what reduced precision may differ anyway; empty to allow for nothing
     */
    public MergedOnnx requantising(Optional<ParityCheck> engine) {
        return new MergedOnnx(base, stack, model, true, engine);
    }

    /**
     * Writes a patched copy.
     *
     * @param target a directory that does not exist yet or is empty
     * @param check what the engine gave for the patched base; empty to write without running the file
     * @throws modelpatch.BadInput when an edited weight is not found by its numbers, or the file cannot be run to prove it; nothing is written
     *     then
     */
    public Outcome write(Path target, Optional<ParityCheck> check, OnnxExport.Options options) {
        Map<String, float[]> patched = stack.weights(base);
        return AtomicDirectory.write(
                target,
                directory -> {
                    OnnxPatcher patcher = OnnxPatcher.of(model, directory, requantises);
                    fill(directory);
                    PatchRecord record = new PatchRecord(base, stack);
                    record.write(directory, patched.keySet());
                    patcher.describe(record.keyValues());
                    patcher.describe(Map.of("modelpatch.proof", check.isPresent() ? ParityFile.NAME : "none"));
                    Optional<Parity> given = unpatched.map(engine -> compare(engine, patcher.file(), options, 0));
                    List<Rewritten> rewritten = patcher.rewrite(base, patched);
                    double allowed = given.map(Parity::klMean).orElse(0.0);
                    Optional<Parity> parity = check.map(engine -> compare(engine, patcher.file(), options, allowed));
                    parity.ifPresent(proof -> ParityFile.write(directory, proof, given));
                    return new Outcome(rewritten, given, parity);
                },
                Outcome::holds);
    }

    private void fill(Path directory) throws IOException {
        Companions companions = new Companions(base);
        companions.copyFrom(model.toAbsolutePath().getParent(), directory);
        companions.copy(directory);
        companions.writeMissing(directory);
    }

    /** Runs the copy as it is now; {@code allowed} is added to the limit of a mean KL divergence. */
    private Parity compare(ParityCheck engine, Path file, OnnxExport.Options options, double allowed) {
        try (OnnxModel written = OnnxModel.open(file, options.threads())) {
            return requantises
                    ? engine.of(written, Parity.Measure.KL_MEAN, options.klLimit() + allowed)
                    : options.parity(engine, written);
        }
    }
}

package modelpatch.export;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.guard.Gates;
import modelpatch.patch.PatchStack;

/** The use case {@code patch export --format onnx}: the patched model as an ONNX file, proved against the engine. */
public final class ExportOnnx {
    private final Path out;
    private final Optional<Path> given;
    private final boolean requantise;
    private final OnnxExport.Options options;

    /**
     * A use case that has done nothing yet.
     *
     * @param out a directory that does not exist yet or is empty
     * @param given the ONNX file of the same base that is patched; empty to write a new one
     * @param requantise whether edited weights that it holds as integers are quantised again; else such a file is refused
     */
    public ExportOnnx(Path out, Optional<Path> given, boolean requantise, OnnxExport.Options options) {
        this.out = out;
        this.given = given;
        this.requantise = requantise;
        this.options = options;
    }

    /**
     * Writes and proves.
     *
     * @param base only read
     * @param begun when work on this began, the engine's runs included
     */
    public OnnxDocument run(Checkpoint base, PatchStack stack, EngineReference reference, Instant begun, Clock clock) {
        MergedOnnx.Outcome outcome = write(base, stack, reference);
        return new OnnxDocument(
                out.toString(),
                "onnx",
                options.form().name().toLowerCase(Locale.ROOT),
                outcome.rewritten(),
                outcome.given(),
                outcome.parity(),
                outcome.parity().isEmpty() ? OnnxDocument.UNPROVED : Gates.verdict(outcome.holds()),
                Duration.between(begun, clock.instant()).toMillis() / 1e3);
    }

    private MergedOnnx.Outcome write(Checkpoint base, PatchStack stack, EngineReference reference) {
        if (given.isPresent()) {
            MergedOnnx merged = MergedOnnx.of(base, stack, given.get());
            MergedOnnx asked = requantise ? merged.requantising(reference.unpatched()) : merged;
            return asked.write(out, reference.patched(), options);
        }
        Optional<Parity> parity =
                reference.patched().map(engine -> OnnxExport.write(base, stack, engine, out, options));
        if (parity.isEmpty()) {
            OnnxExport.writeUnproved(base, stack, out, options);
        }
        return new MergedOnnx.Outcome(List.of(), Optional.empty(), parity);
    }
}

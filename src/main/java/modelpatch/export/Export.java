package modelpatch.export;

import java.nio.file.Path;
import java.util.Optional;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.guard.Drift;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.Gates;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/**
 * The use case {@code patch export} for every {@link ExportFormat}: the patched model in a form that others load, run beside the patched model
 * where it runs here. ONNX has a use case of its own, {@link ExportOnnx}.
 */
public final class Export {
    private final ExportFormat format;
    private final Options options;

    /**
     * What is written.
     *
     * @param out a directory that does not exist yet or is empty
     * @param weights how matrices are to be stored; empty for the format's own way
     * @param everyMatrix store all matrices so, not only the edited ones
     * @param canary the text that the written model is compared on
     * @param threads of the engine that runs it
     */
    public record Options(Path out, Optional<WeightForm> weights, boolean everyMatrix, Path canary, int threads) {
        /** Matrices stored in the format's own way; all cores. */
        public static Options to(Path out, Path canary) {
            return new Options(
                    out, Optional.empty(), false, canary, LoadOptions.defaults().threads());
        }
    }

    /** A use case that has done nothing yet. */
    public Export(ExportFormat format, Options options) {
        this.format = format;
        this.options = options;
    }

    /**
     * Writes a model that need not run here.
     *
     * @param base only read
     */
    public ExportDocument write(Checkpoint base, PatchStack stack) {
        return document(written(base, stack), stack, Optional.empty());
    }

    /**
     * Writes a model and runs what was written beside it.
     *
     * @param patched stays the caller's
     */
    public ExportDocument writeAndRun(PatchedModel patched) {
        ExportFormat.Written written = written(patched.base().checkpoint(), patched.stack());
        return document(written, patched.stack(), written.model().flatMap(model -> behaviour(patched.model(), model)));
    }

    private ExportFormat.Written written(Checkpoint base, PatchStack stack) {
        return format.write(
                new ExportFormat.Order(base, stack, options.out(), options.weights(), options.everyMatrix()));
    }

    private ExportDocument document(ExportFormat.Written written, PatchStack stack, Optional<Drift> behaviour) {
        boolean same = behaviour.isEmpty() || behaviour.get().klMean() <= written.largestKl();
        return new ExportDocument(
                options.out().toString(),
                format.name(),
                written.rank().stream().boxed().findFirst(),
                stack.patches().stream().map(WeightPatch::id).toList(),
                written.losses(),
                behaviour,
                Gates.verdict(same),
                written);
    }

    private Optional<Drift> behaviour(LanguageModel patched, Path model) {
        if (!patched.hasTokenizer()) {
            return Optional.empty();
        }
        DriftMeter meter = DriftMeter.of(patched, options.canary(), () -> DriftMeter.passages(options.canary()));
        try (LanguageModel written =
                LanguageModel.open(model, LoadOptions.defaults().withThreads(options.threads()))) {
            return Optional.of(meter.measure(written));
        }
    }
}

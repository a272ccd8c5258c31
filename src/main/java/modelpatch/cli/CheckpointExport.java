package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.Numbers;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.CastLoss;
import modelpatch.export.MergedCheckpoint;
import modelpatch.export.MergedGguf;
import modelpatch.export.WeightForm;
import modelpatch.guard.Drift;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.report.RepairView;
import modelpatch.report.Table;

/** {@code patch export --format safetensors} and {@code gguf}: the patched model as a checkpoint of its own. */
record CheckpointExport(ExportCommand command, ExportCommand.Format format) {
    /** A mean KL beyond this, in nats, means that the stored kind cannot hold the patch. */
    private static final double SAME = 1e-3;

    /** As much for a model whose every matrix is stored in 8 bits, as it is for ONNX. */
    private static final double ALIKE = 1e-2;

    /**
     * What {@code --json} prints.
     *
     * @param losses what the cast did to each edited tensor
     * @param behaviour the written model against the patched one in float32; empty where the model has no tokenizer
     */
    record ExportDocument(
            String out, String format, List<CastLoss> losses, Optional<Drift> behaviour, String verdict) {}

    Answer answer() {
        try (PatchedModel opened = command.model.open(command)) {
            Checkpoint base = opened.base().checkpoint();
            boolean converts = converts(base);
            if (opened.stack().isEmpty() && !converts) {
                throw new BadInput(
                        "nothing to merge", "--patch", "one or more patch files", "none", "give --patch FILE");
            }
            List<CastLoss> losses = write(base, opened.stack());
            Optional<Drift> behaviour = behaviour(opened);
            boolean coarse = format == ExportCommand.Format.GGUF && command.weights(WeightForm.FP16) == WeightForm.INT8;
            double limit = converts && coarse ? ALIKE : SAME;
            boolean same = behaviour.isEmpty() || behaviour.get().klMean() <= limit;
            ExportDocument document = new ExportDocument(
                    command.out.toString(),
                    format.name().toLowerCase(Locale.ROOT),
                    losses,
                    behaviour,
                    Answer.verdict(same));
            return new Answer(document, () -> text(document), same ? 0 : 1);
        }
    }

    /** Whether every matrix is stored anew, which is something to do without patches too. */
    private boolean converts(Checkpoint base) {
        boolean fromGguf = base.format() == Checkpoint.Format.GGUF;
        return format == ExportCommand.Format.GGUF ? command.everyMatrix || !fromGguf : fromGguf;
    }

    private List<CastLoss> write(Checkpoint base, PatchStack stack) {
        return format == ExportCommand.Format.GGUF
                ? MergedGguf.write(
                        base, stack, command.weights(WeightForm.FP16).inGguf(), command.everyMatrix, command.out)
                : MergedCheckpoint.write(base, stack, command.out);
    }

    private Optional<Drift> behaviour(PatchedModel opened) {
        if (!opened.model().hasTokenizer()) {
            return Optional.empty();
        }
        Path canary = Installation.eval().resolve("canary.txt");
        DriftMeter meter = DriftMeter.of(opened.model(), canary, DriftMeter.passages(canary));
        Path written = format == ExportCommand.Format.GGUF
                ? command.out
                : MergedCheckpoint.model(opened.base().checkpoint(), command.out);
        try (LanguageModel merged =
                LanguageModel.open(written, LoadOptions.defaults().withThreads(command.common.threads()))) {
            return Optional.of(meter.measure(merged));
        }
    }

    private static String text(ExportDocument document) {
        Table table = Table.of("tensor", "stored as", "elements changed>", "largest error>", "relative to dW>");
        document.losses()
                .forEach(loss -> table.row(
                        loss.tensor(),
                        loss.kind(),
                        loss.changed() + " of " + loss.elements(),
                        Numbers.error(loss.largestError()),
                        Numbers.error(loss.relativeError())));
        String behaviour = document.behaviour()
                .map(drift -> "\n\nwritten model against the patched one: " + RepairView.drift(drift))
                .orElse("");
        String verdict = document.verdict().equals(Answer.PASSED)
                ? "\n\nwritten: " + document.out() + "; next: patch eval --model " + document.out()
                : "\n\nwritten: " + document.out() + ", but its kind of number does not hold the model";
        return (document.losses().isEmpty() ? "no patches" : table) + behaviour + verdict;
    }
}

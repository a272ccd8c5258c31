package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.Numbers;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.CastLoss;
import modelpatch.export.ExportFormat;
import modelpatch.guard.Drift;
import modelpatch.guard.DriftMeter;
import modelpatch.guard.PatchedModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;
import modelpatch.report.RepairView;
import modelpatch.report.Table;

/** {@code patch export --format} of any {@link ExportFormat}: written, then run beside the patched model where it runs here. */
record ExportAnswer(ExportCommand command, ExportFormat format) {
    /**
     * What {@code --json} prints.
     *
     * @param rank of low-rank factors; empty where there are none
     * @param patches ids, lowest first
     * @param losses what storing did to each edited tensor
     * @param behaviour the written model against the patched one in float32; empty where it does not run here or has no tokenizer
     */
    record ExportDocument(
            String out,
            String format,
            Optional<Integer> rank,
            List<String> patches,
            List<CastLoss> losses,
            Optional<Drift> behaviour,
            String verdict) {}

    Answer answer() {
        if (format.runsHere()) {
            try (PatchedModel opened = command.model.open(command)) {
                ExportFormat.Written written = write(opened.base().checkpoint(), opened.stack());
                return answer(written, opened.stack(), written.model().flatMap(model -> behaviour(opened, model)));
            }
        }
        PatchStack stack = command.model.stack(command);
        try (Checkpoint base = Checkpoint.open(command.model.path())) {
            return answer(write(base, stack), stack, Optional.empty());
        }
    }

    private ExportFormat.Written write(Checkpoint base, PatchStack stack) {
        return format.write(new ExportFormat.Order(
                base, stack, command.out, Optional.ofNullable(command.weights), command.everyMatrix));
    }

    private Answer answer(ExportFormat.Written written, PatchStack stack, Optional<Drift> behaviour) {
        boolean same = behaviour.isEmpty() || behaviour.get().klMean() <= written.largestKl();
        ExportDocument document = new ExportDocument(
                command.out.toString(),
                format.name(),
                written.rank().stream().boxed().findFirst(),
                stack.patches().stream().map(WeightPatch::id).toList(),
                written.losses(),
                behaviour,
                Answer.verdict(same));
        return new Answer(document, () -> text(document, written), same ? 0 : 1);
    }

    private Optional<Drift> behaviour(PatchedModel opened, Path model) {
        if (!opened.model().hasTokenizer()) {
            return Optional.empty();
        }
        Path canary = Installation.eval().resolve("canary.txt");
        DriftMeter meter = DriftMeter.of(opened.model(), canary, DriftMeter.passages(canary));
        LoadOptions options = LoadOptions.defaults().withThreads(command.common.threads());
        try (LanguageModel written = LanguageModel.open(model, options)) {
            return Optional.of(meter.measure(written));
        }
    }

    private static String text(ExportDocument document, ExportFormat.Written written) {
        String behaviour = document.behaviour()
                .map(drift -> "\n\nwritten model against the patched one: " + RepairView.drift(drift))
                .orElse("");
        String end = document.verdict().equals(Answer.PASSED)
                ? "; next: " + written.next()
                : ", but its kind of number does not hold the model";
        return what(written) + behaviour + "\n\nwritten: " + document.out() + end;
    }

    private static String what(ExportFormat.Written written) {
        if (!written.what().isEmpty()) {
            return written.what();
        }
        Table table = Table.of("tensor", "stored as", "elements changed>", "largest error>", "relative to dW>");
        written.losses()
                .forEach(loss -> table.row(
                        loss.tensor(),
                        loss.kind(),
                        loss.changed() + " of " + loss.elements(),
                        Numbers.error(loss.largestError()),
                        Numbers.error(loss.relativeError())));
        return written.losses().isEmpty() ? "no patches" : table.toString();
    }
}

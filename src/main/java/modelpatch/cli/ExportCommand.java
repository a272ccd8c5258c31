package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import modelpatch.BadInput;
import modelpatch.export.CastLoss;
import modelpatch.export.MergedCheckpoint;
import modelpatch.guard.Drift;
import modelpatch.guard.DriftMeter;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.report.RepairView;
import modelpatch.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch export}: the patched model as a checkpoint of its own. */
@Command(
        name = "export",
        header = "Writes the patched model as a checkpoint of its own.",
        description =
                "In the layout it came in; other tensors byte for byte. Where the cast to the stored kind takes something of the change"
                        + " away, the written model is run beside the patched one and the difference is shown.",
        footer = "  patch export --model m --patch patches/p.patch.safetensors --format safetensors --out merged")
final class ExportCommand extends Subcommand {
    /** A mean KL beyond this, in nats, means that the stored kind cannot hold the patch. */
    private static final double SAME = 1e-3;

    @Mixin
    ModelOptions model;

    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "safetensors", description = "safetensors")
    String format;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "a directory that is not there yet")
    Path out;

    ExportCommand(Terminal terminal) {
        super(terminal);
    }

    /**
     * What {@code --json} prints.
     *
     * @param losses what the cast did to each edited tensor
     * @param behaviour the written model against the patched one in float32; empty where the model has no tokenizer
     */
    record ExportDocument(
            String out, String format, List<CastLoss> losses, java.util.Optional<Drift> behaviour, String verdict) {}

    @Override
    Answer answer() {
        if (!format.equals("safetensors")) {
            throw new BadInput("no such format", "--format", "safetensors", format, "leave it out");
        }
        try (OpenModel opened = model.open(this)) {
            if (opened.stack().isEmpty()) {
                throw new BadInput(
                        "nothing to merge", "--patch", "one or more patch files", "none", "give --patch FILE");
            }
            List<CastLoss> losses = MergedCheckpoint.write(opened.base().checkpoint(), opened.stack(), out);
            java.util.Optional<Drift> behaviour = behaviour(opened);
            boolean same = behaviour.isEmpty() || behaviour.get().klMean() <= SAME;
            ExportDocument document = new ExportDocument(
                    out.toString(), format, losses, behaviour, same ? ApplyDocument.PASSED : ApplyDocument.FAILED);
            return new Answer(document, () -> text(document), same ? 0 : 1);
        }
    }

    private java.util.Optional<Drift> behaviour(OpenModel opened) {
        if (!opened.model().hasTokenizer()) {
            return java.util.Optional.empty();
        }
        Path canary = Installation.eval().resolve("canary.txt");
        DriftMeter meter = DriftMeter.of(opened.model(), canary, DriftMeter.passages(canary));
        Path written = MergedCheckpoint.model(opened.base().checkpoint(), out);
        try (LanguageModel merged =
                LanguageModel.open(written, LoadOptions.defaults().withThreads(common.threads()))) {
            return java.util.Optional.of(meter.measure(merged));
        }
    }

    private static String text(ExportDocument document) {
        Table table = Table.of("tensor", "stored as", "elements changed>", "largest error>", "relative to dW>");
        document.losses()
                .forEach(loss -> table.row(
                        loss.tensor(),
                        loss.kind(),
                        loss.changed() + " of " + loss.elements(),
                        String.format(Locale.ROOT, "%.2e", loss.largestError()),
                        String.format(Locale.ROOT, "%.2e", loss.relativeError())));
        String behaviour = document.behaviour()
                .map(drift -> "\n\nwritten model against the patched one: " + RepairView.drift(drift))
                .orElse("");
        String verdict = document.verdict().equals(ApplyDocument.PASSED)
                ? "\n\nwritten: " + document.out() + "; next: patch eval --model " + document.out()
                : "\n\nwritten: " + document.out() + ", but its kind of number does not hold the patch";
        return table + behaviour + verdict;
    }
}

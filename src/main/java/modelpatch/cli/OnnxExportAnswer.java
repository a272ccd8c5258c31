package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.OnnxExport;
import modelpatch.export.OnnxModel;
import modelpatch.export.OnnxPatcher;
import modelpatch.export.Parity;
import modelpatch.export.ParityCheck;
import modelpatch.export.WeightForm;
import modelpatch.guard.RegressionSuite;
import modelpatch.patch.PatchStack;
import modelpatch.report.Table;

/** {@code patch export --format onnx}: the patched model as an ONNX graph, proved against the engine. */
record OnnxExportAnswer(ExportCommand command) {
    /**
     * What {@code --json} prints.
     *
     * @param rewritten constants of the given ONNX file; empty where a new one was written
     * @param parity empty where no proof was asked for
     * @param verdict passed, failed (nothing was written), or unproved
     */
    record OnnxDocument(
            String out,
            String format,
            String weights,
            List<OnnxPatcher.Rewritten> rewritten,
            Optional<Parity> parity,
            String verdict,
            double seconds) {}

    Answer answer() {
        long start = System.nanoTime();
        OnnxExport.Options options = command.onnx.options(command.weights(WeightForm.FP32), command.common.threads());
        List<RegressionSuite> suites = command.onnx.readSuites();
        Optional<ParityCheck> engine = command.onnx.unproved ? Optional.empty() : Optional.of(engine(suites));
        OnnxPatcher.Outcome outcome = write(engine, options);
        Optional<Parity> parity = outcome.parity();
        boolean holds = outcome.holds();
        String verdict = parity.isEmpty() ? "unproved" : holds ? ApplyDocument.PASSED : ApplyDocument.FAILED;
        OnnxDocument document = new OnnxDocument(
                command.out.toString(),
                "onnx",
                options.form().name().toLowerCase(Locale.ROOT),
                outcome.rewritten(),
                parity,
                verdict,
                (System.nanoTime() - start) / 1e9);
        return new Answer(document, () -> text(document), holds ? 0 : 1);
    }

    /** What the engine gives; it is closed before ONNX Runtime begins. */
    private ParityCheck engine(List<RegressionSuite> suites) {
        try (OpenModel opened = command.model.open(command)) {
            List<int[]> prompts = new ArrayList<>(ParityPrompts.of(opened.model(), command.common.seed));
            suites.forEach(suite -> prompts.addAll(ParityPrompts.of(opened.model(), suite)));
            return new ParityCheck(opened.model(), prompts, written -> broken(suites, written));
        }
    }

    private Map<String, List<String>> broken(List<RegressionSuite> suites, OnnxModel written) {
        Map<String, List<String>> broken = new LinkedHashMap<>();
        GuardSuiteOptions.run(command, suites, OnnxTarget.of(written.directory(), written))
                .forEach(result -> broken.put(result.suite(), result.broken()));
        return broken;
    }

    private OnnxPatcher.Outcome write(Optional<ParityCheck> engine, OnnxExport.Options options) {
        PatchStack stack = command.model.stack(command);
        Path given = command.onnx.onnxIn;
        try (Checkpoint base = Checkpoint.open(command.model.path())) {
            if (given != null) {
                return OnnxPatcher.write(base, stack, given, command.out, engine, options);
            }
            if (engine.isPresent()) {
                Parity parity = OnnxExport.write(base, stack, engine.get(), command.out, options);
                return new OnnxPatcher.Outcome(List.of(), Optional.of(parity));
            }
            OnnxExport.writeUnproved(base, stack, command.out, options);
            return new OnnxPatcher.Outcome(List.of(), Optional.empty());
        }
    }

    private static String text(OnnxDocument document) {
        Table rewritten = Table.of("edited weight", "constant", "found", "bytes changed>");
        document.rewritten().forEach(r -> rewritten.row(r.tensor(), r.constant(), r.how(), r.bytes()));
        String places = document.rewritten().isEmpty() ? "" : rewritten + "\n\n";
        String proof = document.parity()
                .map(parity -> table(parity) + "\n\n" + parity.greedy() + " of " + parity.prompts()
                        + " greedy continuations of " + parity.newTokens() + " tokens are the same\n")
                .orElse("");
        return places
                + proof
                + document.parity().map(OnnxExportAnswer::suites).orElse("")
                + switch (document.verdict()) {
                    case ApplyDocument.FAILED -> failure(document.parity().orElseThrow());
                    case "unproved" -> "written: " + document.out() + ", without proof";
                    default -> "written: " + document.out() + "; next: patch run --onnx " + document.out();
                };
    }

    private static String failure(Parity parity) {
        return parity.isNearEnough()
                ? "the exported model breaks what its suites guard; nothing is written"
                : "ONNX Runtime does not give the engine's numbers; nothing is written. The limit is " + limit(parity);
    }

    private static String suites(Parity parity) {
        StringBuilder lines = new StringBuilder();
        parity.suites()
                .forEach((name, broken) -> lines.append("suite ")
                        .append(name)
                        .append(
                                broken.isEmpty()
                                        ? ": passed in ONNX Runtime"
                                        : ": broken: " + String.join(", ", broken))
                        .append('\n'));
        return lines.toString();
    }

    private static String limit(Parity parity) {
        return parity.measure() == Parity.Measure.LOGIT_DIFFERENCE
                ? "a difference of " + parity.limit() + " and the same greedy text"
                : "a mean KL of " + parity.limit() + " nats";
    }

    private static Table table(Parity parity) {
        Table table = Table.of("ONNX Runtime, run", "largest difference>", "mean KL>", "same top token>");
        parity.ways()
                .forEach(way -> table.row(
                        way.name(),
                        String.format(Locale.ROOT, "%.2e", way.largestDifference()),
                        way.klMean().isPresent()
                                ? String.format(
                                        Locale.ROOT, "%.2e", way.klMean().getAsDouble())
                                : "",
                        way.sameTop() + " of " + way.positions()));
        return table;
    }
}

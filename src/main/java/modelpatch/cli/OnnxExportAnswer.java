package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import modelpatch.Numbers;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.MergedOnnx;
import modelpatch.export.OnnxExport;
import modelpatch.export.OnnxModel;
import modelpatch.export.Parity;
import modelpatch.export.ParityCheck;
import modelpatch.export.WeightForm;
import modelpatch.export.foreign.Rewritten;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.RegressionSuite;
import modelpatch.guard.SuiteRunner;
import modelpatch.patch.PatchStack;
import modelpatch.report.Table;

/** {@code patch export --format onnx}: the patched model as an ONNX graph, proved against the engine. */
record OnnxExportAnswer(ExportCommand command) {
    /**
     * What {@code --json} prints.
     *
     * @param rewritten constants of the given ONNX file; empty where a new one was written
     * @param given how near that file was to the unpatched engine; empty but with {@code --requantise}
     * @param parity empty where no proof was asked for
     * @param verdict passed, failed (nothing was written), or unproved
     */
    record OnnxDocument(
            String out,
            String format,
            String weights,
            List<Rewritten> rewritten,
            Optional<Parity> given,
            Optional<Parity> parity,
            String verdict,
            double seconds) {}

    Answer answer() {
        long start = System.nanoTime();
        OnnxExport.Options options = command.onnx.options(command.weights(WeightForm.FP32), command.common.threads());
        command.onnx.check();
        List<RegressionSuite> suites = command.onnx.readSuites();
        Engines engines = command.onnx.unproved ? Engines.NONE : engines(suites);
        MergedOnnx.Outcome outcome = write(engines, options);
        Optional<Parity> parity = outcome.parity();
        boolean holds = outcome.holds();
        String verdict = parity.isEmpty() ? "unproved" : Answer.verdict(holds);
        OnnxDocument document = new OnnxDocument(
                command.out.toString(),
                "onnx",
                options.form().name().toLowerCase(Locale.ROOT),
                outcome.rewritten(),
                outcome.given(),
                parity,
                verdict,
                (System.nanoTime() - start) / 1e9);
        return new Answer(document, () -> text(document), holds ? 0 : 1);
    }

    /**
     * What the engine gives.
     *
     * @param unpatched only where a quantised file's own distance from it is asked for
     */
    private record Engines(Optional<ParityCheck> patched, Optional<ParityCheck> unpatched) {
        static final Engines NONE = new Engines(Optional.empty(), Optional.empty());
    }

    /** The engine is closed before ONNX Runtime begins. */
    private Engines engines(List<RegressionSuite> suites) {
        try (PatchedModel opened = command.model.open(command)) {
            List<int[]> prompts = new ArrayList<>(ParityPrompts.of(opened.model(), command.common.seed));
            suites.forEach(suite -> prompts.addAll(ParityPrompts.of(opened.model(), suite)));
            return new Engines(
                    Optional.of(new ParityCheck(opened.model(), prompts, written -> broken(suites, written))),
                    command.onnx.requantise ? Optional.of(new ParityCheck(opened.base(), prompts)) : Optional.empty());
        }
    }

    private Map<String, List<String>> broken(List<RegressionSuite> suites, OnnxModel written) {
        Map<String, List<String>> broken = new LinkedHashMap<>();
        SuiteRunner.runAll(suites, OnnxTarget.of(written.directory(), written), command.terminal.clock(), command)
                .suites()
                .forEach(result -> broken.put(result.suite(), result.broken()));
        return broken;
    }

    private MergedOnnx.Outcome write(Engines engines, OnnxExport.Options options) {
        PatchStack stack = command.model.stack(command);
        Path given = command.onnx.onnxIn;
        try (Checkpoint base = Checkpoint.open(command.model.path())) {
            if (given != null) {
                MergedOnnx merged = MergedOnnx.of(base, stack, given);
                MergedOnnx asked = command.onnx.requantise ? merged.requantising(engines.unpatched()) : merged;
                return asked.write(command.out, engines.patched(), options);
            }
            Optional<Parity> parity =
                    engines.patched().map(engine -> OnnxExport.write(base, stack, engine, command.out, options));
            if (parity.isEmpty()) {
                OnnxExport.writeUnproved(base, stack, command.out, options);
            }
            return new MergedOnnx.Outcome(List.of(), Optional.empty(), parity);
        }
    }

    private static String text(OnnxDocument document) {
        Table rewritten = Table.of("edited weight", "constant", "found", "bytes changed>");
        document.rewritten().forEach(r -> rewritten.row(r.tensor(), r.constant(), r.how(), r.bytes()));
        String places = document.rewritten().isEmpty() ? "" : rewritten + "\n\n" + requantised(document);
        String proof = document.parity()
                .map(parity -> table(parity) + "\n\n" + parity.greedy() + " of " + parity.prompts()
                        + " greedy continuations of " + parity.newTokens() + " tokens are the same\n")
                .orElse("");
        return places
                + proof
                + document.parity().map(OnnxExportAnswer::unsupported).orElse("")
                + given(document)
                + document.parity().map(OnnxExportAnswer::suites).orElse("")
                + switch (document.verdict()) {
                    case Answer.FAILED -> failure(document.parity().orElseThrow());
                    case "unproved" -> "written: " + document.out() + ", without proof";
                    default -> "written: " + document.out() + "; next: patch run --onnx " + document.out();
                };
    }

    /** What became of the edits where weights are integers; nothing where none are. */
    private static String requantised(OnnxDocument document) {
        Table table = Table.of("constant", "scales renewed>", "numbers changed>", "cut off>", "error relative to dW>");
        document.rewritten()
                .forEach(rewritten -> rewritten
                        .requantised()
                        .ifPresent(edit -> table.row(
                                rewritten.constant(),
                                edit.rescaled() + " of " + edit.tiles(),
                                edit.changed(),
                                edit.cutOff(),
                                Numbers.error(edit.relativeError()))));
        boolean any = document.rewritten().stream()
                .anyMatch(rewritten -> rewritten.requantised().isPresent());
        return any ? table + "\n\n" : "";
    }

    private static String given(OnnxDocument document) {
        return document.given()
                .map(given -> Numbers.format(
                        "the file as it was given has a mean KL of %.2e nats from the unpatched engine\n",
                        given.klMean()))
                .orElse("");
    }

    private static String failure(Parity parity) {
        return parity.isNearEnough()
                ? "the exported model breaks what its suites guard; nothing is written"
                : "ONNX Runtime does not give the engine's numbers; nothing is written. The limit is " + limit(parity);
    }

    private static String unsupported(Parity parity) {
        StringBuilder lines = new StringBuilder();
        parity.unsupported()
                .forEach((way, why) -> lines.append("not run ")
                        .append(way)
                        .append(": ")
                        .append(why)
                        .append('\n'));
        return lines.toString();
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
                : Numbers.format("a mean KL of %.3g nats", parity.limit());
    }

    private static Table table(Parity parity) {
        Table table = Table.of("ONNX Runtime, run", "largest difference>", "mean KL>", "same top token>");
        parity.ways()
                .forEach(way -> table.row(
                        way.name(),
                        Numbers.error(way.largestDifference()),
                        way.klMean().isPresent() ? Numbers.error(way.klMean().getAsDouble()) : "",
                        way.sameTop() + " of " + way.positions()));
        return table;
    }
}

package modelpatch.report;

import modelpatch.Numbers;
import modelpatch.export.ExportDocument;
import modelpatch.export.ExportFormat;
import modelpatch.export.OnnxDocument;
import modelpatch.export.Parity;

/** Exported models, for a reader. */
public final class ExportView {
    private ExportView() {}

    /** What was written, what that did to edited tensors, and what it says beside the patched model. */
    public static String text(ExportDocument document) {
        String behaviour = document.behaviour()
                .map(drift -> "\n\nwritten model against the patched one: " + RepairView.drift(drift))
                .orElse("");
        String end = document.passed()
                ? (document.written().use().isEmpty()
                        ? ""
                        : "; " + document.written().use())
                : ", but its kind of number does not hold the model";
        return what(document.written()) + behaviour + "\n\nwritten: " + document.out() + end;
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

    /** What was rewritten, how near it comes to the engine, and whether it was written. */
    public static String text(OnnxDocument document) {
        Table rewritten = Table.of("edited weight", "constant", "found", "bytes changed>");
        document.rewritten().forEach(r -> rewritten.row(r.tensor(), r.constant(), r.how(), r.bytes()));
        String places = document.rewritten().isEmpty() ? "" : rewritten + "\n\n" + requantised(document);
        String proof = document.parity()
                .map(parity -> table(parity) + "\n\n" + parity.greedy() + " of " + parity.prompts()
                        + " greedy continuations of " + parity.newTokens() + " tokens are the same\n")
                .orElse("");
        return places
                + proof
                + document.parity().map(ExportView::unsupported).orElse("")
                + given(document)
                + document.parity().map(ExportView::suites).orElse("")
                + switch (document.verdict()) {
                    case "failed" -> failure(document.parity().orElseThrow());
                    case "unproved" -> "written: " + document.out() + ", without proof";
                    default -> "written: " + document.out();
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

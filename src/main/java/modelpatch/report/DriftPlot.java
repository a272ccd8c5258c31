package modelpatch.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import modelpatch.guard.Drift;
import modelpatch.guard.DriftDocument;
import modelpatch.guard.Gates;
import modelpatch.patch.LedgerEntry;
import modelpatch.report.TrendPlot.Panel;
import modelpatch.report.TrendPlot.Series;

/** Drift patch by patch as it was measured now, and over the ledger as the patches' own evidence recorded it. */
public final class DriftPlot {
    private DriftPlot() {}

    /**
     * Drift by patch as an SVG document.
     *
     * @param ledger whose patches' evidence is drawn below; may be empty
     */
    public static String svg(DriftDocument document, List<LedgerEntry> ledger, Gates limits) {
        List<DriftDocument.Step> steps = document.steps();
        List<String> names =
                steps.stream().map(step -> step.patch().substring(0, 6)).toList();
        List<Panel> panels = new ArrayList<>();
        panels.add(new Panel(
                "mean KL from the base, nats, patch by patch",
                names,
                List.of(
                        series("alone", steps, DriftDocument.Step::alone, Drift::klMean),
                        series("all up to it", steps, DriftDocument.Step::upTo, Drift::klMean)),
                OptionalDouble.of(limits.limit("drift_kl_max"))));
        panels.add(new Panel(
                "share of positions with another likeliest token",
                names,
                List.of(
                        series("alone", steps, DriftDocument.Step::alone, Drift::topFlips),
                        series("all up to it", steps, DriftDocument.Step::upTo, Drift::topFlips)),
                OptionalDouble.of(limits.limit("drift_top_flips_max"))));
        List<JsonNode> evidence = ledger.stream()
                .filter(entry -> entry.action().equals("apply"))
                .map(entry -> entry.details().path("evidence"))
                .toList();
        if (!evidence.isEmpty()) {
            List<String> lines = ledger.stream()
                    .filter(entry -> entry.action().equals("apply"))
                    .map(entry -> "line " + entry.line())
                    .toList();
            panels.add(new Panel(
                    "over the ledger: mean KL as each patch recorded it",
                    lines,
                    List.of(recorded("mean KL", evidence, "/drift/kl_mean")),
                    OptionalDouble.of(limits.limit("drift_kl_max"))));
            panels.add(new Panel(
                    "over the ledger: rates as each patch recorded them",
                    lines,
                    List.of(
                            recorded("corrected (r_C)", evidence, "/sets/correction/r_C"),
                            recorded("hops broken (r_O)", evidence, "/sets/hops/r_O"),
                            recorded("same relations broken", evidence, "/sets/specificity_relation/r_O"),
                            recorded("others broken", evidence, "/sets/specificity_random/r_O")),
                    OptionalDouble.empty()));
        }
        return TrendPlot.svg(panels);
    }

    private static Series series(
            String name,
            List<DriftDocument.Step> steps,
            Function<DriftDocument.Step, Drift> which,
            Function<Drift, Double> value) {
        return new Series(
                name,
                steps.stream()
                        .map(step -> OptionalDouble.of(value.apply(which.apply(step))))
                        .toList());
    }

    private static Series recorded(String name, List<JsonNode> evidence, String pointer) {
        return new Series(
                name,
                evidence.stream()
                        .map(one -> one.at(pointer).isNumber()
                                ? OptionalDouble.of(one.at(pointer).asDouble())
                                : OptionalDouble.empty())
                        .toList());
    }
}

package modelpatch.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import modelpatch.Numbers;
import modelpatch.evaluate.Comparison;
import modelpatch.evaluate.Evaluation;
import modelpatch.evaluate.EvaluationCounts;
import modelpatch.evaluate.EvaluationDocument;
import modelpatch.evaluate.EvaluationReport;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.Tally;

/** An evaluation for a reader: which hops are known, what composes, the gap with its interval, protocol by protocol. */
public final class EvaluationView {
    private static final int DIGITS = 12;

    private EvaluationView() {}

    /** All evaluations of a report, the deciding one first. */
    public static String text(EvaluationReport report) {
        StringBuilder text = new StringBuilder(model(report.model()));
        for (Evaluation evaluation : report.evaluations()) {
            text.append("\n\n").append(text(evaluation));
        }
        return text.append(between(report)).toString();
    }

    /** A report, and what became right and wrong since an earlier one. */
    public static String text(EvaluationDocument document) {
        Comparison comparison = document.comparison();
        Table table =
                Table.of("set", "n>", "right before>", "right after>", "became right>", "became wrong>", "McNemar p>");
        comparison
                .sets()
                .forEach((set, outcome) -> table.row(
                        set.replace('_', ' '),
                        outcome.pairs().total(),
                        outcome.n11() + outcome.n10(),
                        outcome.n11() + outcome.n01(),
                        outcome.n01(),
                        outcome.n10(),
                        Numbers.format("%.2g", outcome.pValue())));
        return text(document.report()) + "\n\nagainst the earlier report, the same " + comparison.cases()
                + " cases (only before: " + comparison.onlyBefore().size() + ", only now: "
                + comparison.onlyAfter().size() + ")\n" + table;
    }

    /** The name of a model with the beginning of its digest and its patches. */
    static String model(EvaluationReport.Model model) {
        String patches = model.patches().isEmpty()
                ? ""
                : ", patches "
                        + String.join(
                                ", ",
                                model.patches().stream()
                                        .map(EvaluationView::beginning)
                                        .toList());
        return model.name() + " (" + beginning(model.digest()) + ")" + patches;
    }

    private static String beginning(String digest) {
        return digest.length() <= DIGITS ? digest : digest.substring(0, DIGITS);
    }

    /** One evaluation: a table whose rows are all cases and, where the cap leaves any out, the capped part. */
    public static String text(Evaluation evaluation) {
        List<String> headers = new ArrayList<>(List.of("cases", "n>"));
        evaluation.counts().hopKnown().keySet().forEach(hop -> headers.add(hop.replace("hop", "hop ") + " known>"));
        headers.addAll(List.of("all known>", "composed>", "failures>", "gap>", "95 % interval"));
        Table table = Table.of(headers.toArray(String[]::new));
        table.row(row(evaluation.complete() ? "all" : "all reached", evaluation.counts()));
        evaluation.capped().ifPresent(counts -> {
            boolean binds = counts.cases() < evaluation.counts().cases();
            if (binds
                    && counts.hopKnown()
                            .keySet()
                            .equals(evaluation.counts().hopKnown().keySet())) {
                table.row(row("no answer above 10 %", counts));
            }
        });
        return evaluation.protocol() + "\n" + table + templates(evaluation.counts()) + remarks(evaluation.counts());
    }

    private static Object[] row(String name, EvaluationCounts counts) {
        List<Object> cells = new ArrayList<>(List.of(name, counts.cases()));
        for (Map.Entry<String, Tally> hop : counts.hopKnown().entrySet()) {
            cells.add(hop.getValue().successes());
        }
        cells.addAll(List.of(
                counts.known(),
                counts.composed(),
                counts.failures(),
                Numbers.percent(counts.gap()),
                Interval.percent(counts.gapInterval())));
        return cells.toArray();
    }

    private static String templates(EvaluationCounts counts) {
        StringBuilder text = new StringBuilder();
        counts.allTemplates()
                .ifPresent(all -> text.append("\nright on all templates: ").append(templates(all)));
        counts.anyTemplate()
                .ifPresent(any -> text.append("\nright on any template: ").append(templates(any)));
        return text.toString();
    }

    private static String templates(EvaluationCounts.TemplateCounts counts) {
        return counts.known() + " known, " + counts.composed() + " composed, gap " + Numbers.percent(counts.gap());
    }

    private static String remarks(EvaluationCounts counts) {
        return "\nright without all hops known: " + counts.composedUnknown() + "; replies with nothing to judge: "
                + counts.unparsed();
    }

    /** How far the protocols lie apart. */
    private static String between(EvaluationReport report) {
        StringBuilder text = new StringBuilder();
        OptionalDouble decides = report.deciding().counts().gap();
        for (Evaluation other : report.beside()) {
            OptionalDouble gap = other.counts().gap();
            if (decides.isPresent() && gap.isPresent()) {
                text.append(Numbers.format(
                        "\n\ngap by %s minus gap by %s: %+.1f percentage points",
                        kind(other), kind(report.deciding()), 100 * (gap.getAsDouble() - decides.getAsDouble())));
            }
        }
        return text.toString();
    }

    private static String kind(Evaluation evaluation) {
        return evaluation.protocol().substring(0, evaluation.protocol().indexOf(' '));
    }
}

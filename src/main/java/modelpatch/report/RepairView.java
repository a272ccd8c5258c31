package modelpatch.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import modelpatch.Numbers;
import modelpatch.evaluate.CremeMetric;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.SetOutcome;
import modelpatch.guard.Drift;
import modelpatch.guard.GateResult;
import modelpatch.repair.RepairDocument;

/** What a repair did, for a reader: one row per set, the gates, the drift, and what is left out. */
public final class RepairView {
    private static final int SHOWN = 10;

    private RepairView() {}

    /** All of a repair but what to do next. */
    public static String text(RepairDocument document) {
        StringBuilder text = new StringBuilder();
        text.append(Numbers.format(
                """
                %s
                %d of %d eligible cases taken; the tables are of %d of them. %s
                prompts both for edits and for results: %d
                """,
                plans(document),
                document.taken(),
                document.eligible(),
                document.reportCases(),
                document.protocol(),
                document.templateOverlap()));
        text.append('\n').append(sets(document.sets())).append('\n');
        document.drift()
                .ifPresent(drift -> text.append('\n').append(drift(drift)).append('\n'));
        document.creme()
                .ifPresent(creme -> text.append('\n').append(creme(creme)).append('\n'));
        document.controls()
                .forEach((name, sets) -> text.append("\ncontrol: ")
                        .append(name.replace('_', ' '))
                        .append('\n')
                        .append(sets(sets))
                        .append('\n'));
        text.append('\n').append(gates(document.gates())).append('\n');
        leftOut(document, text);
        promises(document, text);
        return text.toString();
    }

    /** The plan of a single patch; where cases chose among several, the first and how many others were taken. */
    private static String plans(RepairDocument document) {
        long others = document.patches().stream()
                .filter(patch -> !patch.plan().equals(document.plan()))
                .count();
        if (document.patches().size() == 1 && others == 1) {
            return document.patches().get(0).plan()
                    + ", which of the plans that were tried did best on the case's validation prompts";
        }
        return others == 0
                ? document.plan()
                : document.plan() + "; " + others
                        + " cases took another plan of the shortlist, which did better on their validation prompts";
    }

    private static String creme(CremeMetric.Summary creme) {
        return Numbers.format(
                "the paper's metric (probability of the answer's pieces): median change %.3g times, raised in %d of %d, above the"
                        + " wrong answer in %d before and %d after, of %d",
                creme.medianChange().value().orElse(Double.NaN),
                creme.raised().successes(),
                creme.raised().n(),
                creme.winsBefore().successes(),
                creme.winsAfter().successes(),
                creme.winsAfter().n());
    }

    private static void leftOut(RepairDocument document, StringBuilder text) {
        Map<String, Integer> reasons = new TreeMap<>();
        document.leftOut()
                .forEach(one -> reasons.merge(one.why().replaceAll("[0-9.e-]+ \\(limit", "… (limit"), 1, Integer::sum));
        if (!reasons.isEmpty()) {
            text.append("\nleft out: ").append(document.leftOut().size()).append('\n');
            reasons.entrySet().stream()
                    .limit(SHOWN)
                    .forEach(one -> text.append("  ")
                            .append(one.getValue())
                            .append(": ")
                            .append(one.getKey())
                            .append('\n'));
        }
    }

    private static void promises(RepairDocument document, StringBuilder text) {
        long unmet = document.patches().stream()
                .flatMap(patch -> patch.conditions().stream())
                .filter(condition -> !condition.met())
                .count();
        long all = document.patches().stream()
                .mapToLong(patch -> patch.conditions().size())
                .sum();
        double worst = document.patches().stream()
                .flatMapToDouble(patch -> patch.movementError().stream())
                .max()
                .orElse(Double.NaN);
        text.append(Numbers.format(
                "\npost-conditions met: %d of %d%s; predicted against observed movement at the first edited layer: %s\n",
                all - unmet,
                all,
                unmet == 0 ? "" : " (a ridge or a soft weight stops short of its target on purpose)",
                Double.isNaN(worst) ? "not measured" : Numbers.format("%.1e", worst)));
        document.patches().stream()
                .flatMap(patch -> patch.warnings().stream())
                .distinct()
                .limit(SHOWN)
                .forEach(warning -> text.append("warning: ").append(warning).append('\n'));
    }

    /** The table of every set that has items: before, after, the rate that judges the set, its interval, McNemar. */
    static String sets(Map<EditSet, SetOutcome> sets) {
        Table table = Table.of(
                "set",
                "n>",
                "right before>",
                "right after>",
                "judged by",
                "of>",
                "rate>",
                "95 % interval",
                "McNemar p>");
        sets.forEach((set, outcome) -> {
            long n = outcome.pairs().total();
            if (n > 0) {
                long judged = set.mustChange() ? outcome.n01() + outcome.n00() : outcome.n11() + outcome.n10();
                table.row(
                        set.key().replace('_', ' '),
                        n,
                        outcome.n11() + outcome.n10(),
                        outcome.n11() + outcome.n01(),
                        set.mustChange() ? "r_C" : "1 - r_O",
                        judged,
                        Numbers.percent(rate(set, outcome)),
                        Interval.percent(interval(set, outcome)),
                        Numbers.format("%.2g", outcome.pValue()));
            }
        });
        return table.toString();
    }

    /** r_C of a set that must change, 1 - r_O of one that must not. */
    static OptionalDouble rate(EditSet set, SetOutcome outcome) {
        if (set.mustChange()) {
            return outcome.correctionRate();
        }
        OptionalDouble harm = outcome.harmRate();
        return harm.isEmpty() ? harm : OptionalDouble.of(1 - harm.getAsDouble());
    }

    private static Optional<Interval> interval(EditSet set, SetOutcome outcome) {
        return set.mustChange()
                ? outcome.correctionInterval()
                : outcome.harmInterval().map(Interval::complement);
    }

    /** One row per gate. */
    static String gates(List<GateResult> gates) {
        Table table = Table.of("gate", "value>", "of>", "97.5 % limits", "limit>", "verdict");
        gates.forEach(gate -> table.row(
                gate.name(),
                gate.value().isPresent() ? Numbers.decimal(gate.value().getAsDouble(), 4) : "nothing",
                gate.items().map(String::valueOf).orElse(""),
                gate.interval().map(Interval::toString).orElse(""),
                gate.limit(),
                switch (gate.state()) {
                    case PASSED -> "ok";
                    case FAILED -> "no";
                    case UNDECIDED -> "undecided";
                }));
        return table.toString();
    }

    /** Drift in one line. */
    static String drift(Drift drift) {
        return Numbers.format(
                "drift on %s (%d tokens): mean KL %.5f nats, %.1f %% of likeliest tokens changed, perplexity %.3f to %.3f",
                drift.text(),
                drift.tokens(),
                drift.klMean(),
                100 * drift.topFlips(),
                drift.perplexityBefore(),
                drift.perplexityAfter());
    }
}

package modelpatch.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.Numbers;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.SetOutcome;
import modelpatch.guard.Drift;
import modelpatch.guard.GateResult;

/** What an edit did, for a reader: one row per set, the gates, the drift. */
public final class RepairView {
    private RepairView() {}

    /** The table of every set that has items: before, after, the rate that judges the set, its interval, McNemar. */
    public static String sets(Map<EditSet, SetOutcome> sets) {
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
    public static OptionalDouble rate(EditSet set, SetOutcome outcome) {
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
    public static String gates(List<GateResult> gates) {
        Table table = Table.of("gate", "value>", "limit>", "");
        gates.forEach(gate -> table.row(
                gate.name(),
                gate.value().isPresent() ? Numbers.decimal(gate.value().getAsDouble(), 4) : "nothing",
                gate.limit(),
                gate.passed() ? "ok" : "no"));
        return table.toString();
    }

    /** One line. */
    public static String drift(Drift drift) {
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

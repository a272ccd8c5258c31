package modelpatch.report;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import modelpatch.Numbers;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.SetOutcome;
import modelpatch.thinking.Anchoring;
import modelpatch.thinking.BreakEven;
import modelpatch.thinking.Decoupling;
import modelpatch.thinking.FastAndSlow;
import modelpatch.thinking.SlowToFast;
import modelpatch.thinking.ThinkingReport;

/** Fast and slow thinking, and hints, as tables. */
public final class ThinkingView {
    private ThinkingView() {}

    /** Fast and slow in tables, or the hints where there were any. */
    public static String text(ThinkingReport report) {
        String decoupled = report.decoupled().stream().map(ThinkingView::text).collect(Collectors.joining("\n\n"));
        return report.anchored().isEmpty() ? decoupled : anchored(report.anchored());
    }

    /** What a patch reached that learned from slow answers. */
    public static String text(SlowToFast learned) {
        Table table = Table.of("report side, by the answers of the cases", "right>", "corrected", "harmed");
        PairedOutcome slow = learned.slow();
        table.row("fast", slow.rightBefore().share(), "", "");
        table.row(
                "slow, the ceiling",
                slow.rightAfter().share(),
                slow.corrected().share(),
                slow.harmed().share());
        PairedOutcome patched = learned.patched();
        table.row(
                "fast with the patch",
                patched.rightAfter().share(),
                patched.corrected().share(),
                patched.harmed().share());
        return "\n\nlearned from the model's own slow answers; no answer of the cases was used\n" + table
                + "\nreached " + Numbers.percent(learned.reached()) + " of the ceiling, and "
                + Numbers.percent(learned.reachedOnFailures()) + " of what slow thinking corrects\n";
    }

    private static String text(Decoupling one) {
        Table table = Table.of(
                "cases",
                "n>",
                "fast>",
                "slow>",
                "delta_C>",
                "delta_O>",
                "delta>",
                "r_C",
                "r_O",
                "unparsed>",
                "McNemar p>");
        row(table, "all", one.all());
        row(table, "hops known", one.known());
        row(table, "without unparsed", one.all().outcome());
        StringBuilder text = new StringBuilder(EvaluationView.model(one.model()))
                .append(Numbers.format(", %.1f million parameters", one.parameters() / 1e6))
                .append("; fast ")
                .append(one.fast())
                .append(", slow ")
                .append(one.slow())
                .append(", answers ")
                .append(one.reading().key())
                .append("\nknown: ")
                .append(one.protocol())
                .append("\n\n")
                .append(table)
                .append("\n\nshould it think? yes where r_C / r_O > A_fast / (1 - A_fast)\n")
                .append(breakEven(one));
        one.letters()
                .ifPresent(bias -> text.append("\n\nletters, how often right and how often chosen\n")
                        .append(letters(bias)));
        return text.toString();
    }

    private static void row(Table table, String name, FastAndSlow one) {
        SetOutcome outcome = one.outcome();
        table.row(
                name,
                outcome.pairs().total(),
                Numbers.percent(one.fastRate()),
                Numbers.percent(one.slowRate()),
                Numbers.percent(one.gain()),
                Numbers.percent(one.loss()),
                Numbers.percent(outcome.delta()),
                outcome.pairs().corrected().share() + " " + Interval.percent(outcome.correctionInterval()),
                outcome.pairs().harmed().share() + " " + Interval.percent(outcome.harmInterval()),
                one.unparsedFast() + " / " + one.unparsedSlow(),
                Numbers.format("%.2g", outcome.pValue()));
    }

    /** The sensitivity: the same rates without the pairs that hold an unparsed answer. */
    private static void row(Table table, String name, SetOutcome outcome) {
        PairedOutcome parsed = outcome.parsedOnly();
        table.row(
                name,
                parsed.total(),
                Numbers.percent(parsed.rightBefore().rate()),
                Numbers.percent(parsed.rightAfter().rate()),
                Numbers.percent(parsed.gained().rate()),
                Numbers.percent(parsed.lost().rate()),
                Numbers.percent(parsed.delta()),
                parsed.corrected().share(),
                parsed.harmed().share(),
                "",
                Numbers.format("%.2g", parsed.mcNemar().pValue()));
    }

    private static Table breakEven(Decoupling one) {
        Table table = Table.of(
                "last relation", "n>", "A_fast>", "r_C>", "r_O>", "r_C / r_O>", "odds>", "think?", "McNemar p>");
        one.byRelation().forEach((relation, found) -> think(table, relation, found));
        think(table, "all", one.all());
        return table;
    }

    private static void think(Table table, String name, FastAndSlow found) {
        BreakEven rule = found.breakEven();
        table.row(
                name,
                found.fast().n(),
                Numbers.rate(found.fastRate()),
                Numbers.rate(found.outcome().correctionRate()),
                Numbers.rate(found.outcome().harmRate()),
                Numbers.rate(rule.ratio()),
                Numbers.rate(rule.odds()),
                said(rule.pays()),
                Numbers.format("%.2g", found.outcome().pValue()));
    }

    private static String said(Optional<Boolean> pays) {
        return pays.map(yes -> yes ? "yes" : "no").orElse("n/a");
    }

    private static Table letters(Decoupling.LetterBias bias) {
        Table table = Table.of("letter", "right>", "fast>", "slow>");
        for (int i = 0; i < bias.right().size(); i++) {
            table.row(
                    (char) ('A' + i),
                    bias.right().get(i),
                    bias.fast().get(i),
                    bias.slow().get(i));
        }
        return table;
    }

    private static String anchored(List<Anchoring> all) {
        Table table = Table.of(
                "model",
                "mode",
                "hint",
                "n>",
                "A without>",
                "A with>",
                "r_O, harm of the hint",
                "r_C",
                "says it with>",
                "without>",
                "pull>");
        for (Anchoring one : all) {
            table.row(
                    one.repaired() ? "patched" : "base",
                    one.mode(),
                    one.hint().key(),
                    one.outcome().pairs().total(),
                    Numbers.percent(one.outcome().pairs().rightBefore().rate()),
                    Numbers.percent(one.outcome().pairs().rightAfter().rate()),
                    one.outcome().pairs().harmed().share() + " "
                            + Interval.percent(one.outcome().harmInterval()),
                    one.outcome().pairs().corrected().share(),
                    Numbers.percent(one.saidWith().rate()),
                    Numbers.percent(one.saidWithout().rate()),
                    one.pull().isPresent() ? Numbers.signed(one.pull().getAsDouble()) : "n/a");
        }
        return "hint: " + all.get(0).wording() + "\n\n" + table;
    }
}

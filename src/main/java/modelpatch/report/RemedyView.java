package modelpatch.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import modelpatch.Numbers;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.Tally;
import modelpatch.remedy.BackPatching;
import modelpatch.remedy.RemedyTable;
import modelpatch.remedy.Route;

/** Remedies side by side. */
public final class RemedyView {
    private RemedyView() {}

    /** The whole table, with what it says to do. */
    public static String text(RemedyTable table) {
        StringBuilder text = new StringBuilder(EvaluationView.model(table.model()))
                .append("\n")
                .append(table.protocol())
                .append("\n")
                .append(table.targets().size())
                .append(
                        " failures of the report side; corrected: share of what was wrong (r_C); harm: share of what was right (r_O); ")
                .append("intervals after Wilson\n\n")
                .append(rates(table.rows()))
                .append("\n\n")
                .append(costs(table.rows()));
        if (!table.pairs().isEmpty()) {
            text.append("\n\nevery two on the targets, exact McNemar\n").append(duels(table.pairs()));
        }
        table.backPatching().ifPresent(found -> text.append("\n\n").append(backPatching(found)));
        if (!table.routes().isEmpty()) {
            text.append("\n\nwhat to do, by diagnosis\n").append(routes(table.routes()));
        }
        return text.toString();
    }

    /** What is corrected, and what is generalised to, against harm: one dot a remedy, in the page and as files. */
    public static Page plotted(Page page, RemedyTable table) {
        return page.figure(
                        "correction-harm",
                        "Corrected targets against harm to what must stay, with Wilson's intervals",
                        plot(table, EditSet.CORRECTION, "corrected, per cent of the targets"))
                .figure(
                        "generalisation-harm",
                        "Other questions about the same bridge against harm to what must stay, with Wilson's intervals",
                        plot(table, EditSet.GENERALISATION, "generalised, per cent of what was wrong"));
    }

    private static String plot(RemedyTable table, EditSet set, String axis) {
        return ScatterPlot.of(
                "harm, per cent of what was right",
                axis,
                table.rows().stream()
                        .filter(row -> row.rate(set).n() > 0 && row.harm().n() > 0)
                        .map(row -> new ScatterPlot.Dot(row.remedy(), row.harm(), row.rate(set)))
                        .toList());
    }

    private static Table rates(List<RemedyTable.Row> rows) {
        Table table = Table.of(
                "remedy",
                "corrected",
                "paraphrases>",
                "generalisation>",
                "siblings>",
                "harm",
                "same relations>",
                "others>",
                "single hops>",
                "KL>");
        for (RemedyTable.Row row : rows) {
            table.row(
                    row.remedy(),
                    row.rate(EditSet.CORRECTION).share() + " " + Interval.percent(row.correctionInterval()),
                    rate(row, EditSet.PARAPHRASE),
                    rate(row, EditSet.GENERALISATION),
                    rate(row, EditSet.SIBLINGS),
                    row.harm().share() + " " + Interval.percent(row.harmInterval()),
                    rate(row, EditSet.SPECIFICITY_RELATION),
                    rate(row, EditSet.SPECIFICITY_RANDOM),
                    rate(row, EditSet.HOPS),
                    row.drift().map(drift -> Numbers.decimal(drift.klMean(), 4)).orElse("n/a"));
        }
        return table;
    }

    private static String rate(RemedyTable.Row row, EditSet set) {
        Tally tally = row.rate(set);
        return Numbers.percent(tally.rate()) + " of " + tally.n();
    }

    private static Table costs(List<RemedyTable.Row> rows) {
        Table table = Table.of(
                "remedy",
                "set-up CPU s>",
                "per prompt CPU ms>",
                "memory MB>",
                "lasts",
                "weights after",
                "was given",
                "remark");
        for (RemedyTable.Row row : rows) {
            table.row(
                    row.remedy(),
                    Numbers.decimal(row.setUpSeconds(), 2),
                    row.querySeconds().isEmpty()
                            ? "n/a"
                            : Numbers.decimal(1000 * row.querySeconds().getAsDouble(), 2),
                    Numbers.decimal(row.bytes() / 1e6, 2),
                    row.persistence(),
                    row.weightsUnchanged() ? "same digest" : "CHANGED",
                    row.supervision(),
                    row.note());
        }
        return table;
    }

    private static Table duels(List<RemedyTable.Duel> duels) {
        Table table = Table.of("first", "second", "only first right>", "only second right>", "p>");
        duels.forEach(duel -> table.row(
                duel.first(),
                duel.second(),
                duel.test().worsened(),
                duel.test().improved(),
                Numbers.format("%.2g", duel.test().pValue())));
        return table;
    }

    private static String backPatching(BackPatching found) {
        return "back-patching: " + found.chosen() + ", chosen on "
                + found.chosenOn().share()
                + " of the choose side, corrects " + found.honest().share() + " "
                + Interval.percent(found.honest().wilson()) + "\noracle, any of " + found.pairs()
                + " pairs and places, chosen by the answer itself: "
                + found.oracle().share() + " " + Interval.percent(found.oracle().wilson()) + " (the " + found.verified()
                + " most promising of each failure asked in full; published oracle: " + BackPatching.PUBLISHED + ")";
    }

    private static Table routes(List<Route> routes) {
        Table table = Table.of("diagnosis", "n>", "take", "command", "evidence");
        for (Route route : routes) {
            List<String> evidence = new ArrayList<>();
            route.corrected().stream()
                    .filter(one -> !one.remedy().equals("none"))
                    .forEach(one -> evidence.add(one.remedy() + " "
                            + one.corrected().successes() + (one.allowed() ? "" : " (harms too much)")));
            table.row(
                    route.diagnosis().words(),
                    route.corrected().isEmpty()
                            ? 0
                            : route.corrected().get(0).corrected().n(),
                    route.remedy().isEmpty() ? "n/a" : route.remedy(),
                    route.command(),
                    evidence.stream().collect(Collectors.joining(", ")));
        }
        return table;
    }
}

package modelpatch.report;

import modelpatch.Numbers;
import modelpatch.cases.ComposeDocument;
import modelpatch.cases.Counts;

/** A suite for a reader: how it came about, what was refused, how it is split. */
public final class SuiteView {
    private SuiteView() {}

    /** The counts as two tables, and some cases. */
    public static String text(ComposeDocument document) {
        Counts counts = document.counts();
        Table origin = Table.of("from", "number>");
        origin.row("facts that may serve as hops", counts.facts());
        origin.row("facts repeated", counts.repeatedFacts());
        origin.row("subjects and relations with two objects, refused", counts.ambiguousPairs());
        origin.row("chains", counts.chains());
        counts.refused().forEach((reason, chains) -> {
            if (chains > 0) {
                origin.row("- " + reason.reason(), chains);
            }
        });
        if (counts.capped() > 0) {
            origin.row("- left out by cap or sample", counts.capped());
        }
        Table suites = Table.of("suite", "cases>", "choose>", "report>", "bridges>", "answers>", "commonest answer");
        suites.row(row("as composed", counts));
        suites.row(row("no answer above 10 %", document.capped()));
        return origin + refusals(counts) + "\n\n" + suites + "\n\nprompts used both for editing and for results: "
                + document.templateOverlap() + "; bridges on both sides: " + document.bridgeOverlap()
                + examples(document);
    }

    /** Where there are refusals: of which relation, so that one knows what to look at. */
    private static String refusals(Counts counts) {
        if (counts.refusedByRelation().isEmpty()) {
            return "";
        }
        Table table = Table.of("relation", "refused because", "chains>");
        counts.refusedByRelation()
                .forEach((relation, reasons) ->
                        reasons.forEach((reason, chains) -> table.row(relation, reason.reason(), chains)));
        return "\n\n" + table;
    }

    private static String examples(ComposeDocument document) {
        StringBuilder text = new StringBuilder("\n\nfor example");
        for (ComposeDocument.Example example : document.examples()) {
            text.append("\n  ").append(example.prompt()).append(" ... ").append(example.answer());
        }
        return text.toString();
    }

    private static Object[] row(String name, Counts counts) {
        String commonest = counts.commonestShare().isEmpty()
                ? "n/a"
                : Numbers.format(
                        "%s, %d (%.1f %%)",
                        counts.commonestAnswer(),
                        counts.commonestAnswerCases(),
                        100 * counts.commonestShare().getAsDouble());
        return new Object[] {
            name, counts.cases(), counts.choose(), counts.report(), counts.bridges(), counts.answers(), commonest
        };
    }
}

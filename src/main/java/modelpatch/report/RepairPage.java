package modelpatch.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import modelpatch.Numbers;
import modelpatch.evaluate.EditSet;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Tally;
import modelpatch.repair.RepairDocument;

/** A repair as a page: what became right and what became wrong in every set, with intervals, which items those are, and all else as printed. */
public final class RepairPage {
    private RepairPage() {}

    /**
     * The page.
     *
     * @param text what the command prints
     */
    public static Page of(RepairDocument document, String title, String lead, String text) {
        Page page = new Page(title, lead);
        if (!document.sets().isEmpty()) {
            page.section("Before and after", figures(page, document.sets()))
                    .section("Which questions changed", changed(document.sets()));
        }
        return page.section("Result", PageText.html(text));
    }

    private static String figures(Page page, Map<EditSet, SetOutcome> sets) {
        List<Chart.Row> corrected = new ArrayList<>();
        List<Chart.Row> harmed = new ArrayList<>();
        sets.forEach((set, outcome) -> {
            row(corrected, set, new Tally(outcome.n01(), outcome.n01() + outcome.n00()), outcome.correctionInterval());
            row(harmed, set, new Tally(outcome.n10(), outcome.n10() + outcome.n11()), outcome.harmInterval());
        });
        String counts =
                "<p class=\"note\">95 % intervals, bootstrap by bridge; a set without items of a kind has no row.</p>";
        return page.kept(
                        "corrected",
                        "Of what was wrong before the edit, the share that is right after it",
                        Chart.intervals("r_C, per cent", corrected))
                + page.kept(
                        "harmed",
                        "Of what was right before the edit, the share that is wrong after it",
                        Chart.intervals("r_O, per cent", harmed))
                + counts;
    }

    private static void row(List<Chart.Row> rows, EditSet set, Tally tally, Optional<Interval> interval) {
        if (tally.n() > 0) {
            rows.add(new Chart.Row(
                    name(set),
                    100 * tally.rate().orElseThrow(),
                    interval.map(share -> new Interval(100 * share.low(), 100 * share.high())),
                    tally.share()));
        }
    }

    private static String changed(Map<EditSet, SetOutcome> sets) {
        StringBuilder html = new StringBuilder();
        sets.forEach((set, outcome) -> {
            list(html, name(set) + ", became right", outcome.improved());
            list(html, name(set) + ", became wrong", outcome.worsened());
        });
        return html.isEmpty() ? "<p>None.</p>" : html.toString();
    }

    private static void list(StringBuilder html, String what, List<String> items) {
        if (!items.isEmpty()) {
            html.append(Numbers.format(
                    "<details><summary>%s: %d</summary><div class=\"inside\"><ul>", Page.escaped(what), items.size()));
            items.forEach(item -> html.append("<li>").append(Page.escaped(item)).append("</li>"));
            html.append("</ul></div></details>\n");
        }
    }

    private static String name(EditSet set) {
        return set.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}

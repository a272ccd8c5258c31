package modelpatch.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.Numbers;
import modelpatch.evaluate.Artefact;
import modelpatch.evaluate.EvaluationCounts;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.Tally;
import modelpatch.locate.CaseLens;
import modelpatch.locate.Diagnosis;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;
import modelpatch.locate.LensView;
import modelpatch.locate.MediationEvidence;
import modelpatch.locate.RankedHead;
import modelpatch.locate.RankedLayer;

/**
 * Findings as a page: the gap, the diagnoses, heads and layers with their intervals, and every failure with the lens and the heads that
 * restore it, to filter and to search.
 */
public final class FindingsPage {
    private static final List<Diagnosis> KINDS = List.of(Diagnosis.values());
    private static final int HEADS = 20;

    /** With more heads than these a page of 500 failures would pass 5 MB with two decimals. */
    private static final int MANY_HEADS = 400;

    private FindingsPage() {}

    /**
     * The page.
     *
     * @param text what the command prints, for those who want all of it
     */
    public static Page of(Findings findings, String text) {
        Page page = new Page(
                "What " + findings.model().name() + " knows and does not compose",
                findings.model().architecture() + ", "
                        + Numbers.format("%.1f M parameters", findings.model().parameters() / 1e6) + "; "
                        + findings.protocol()
                        + (findings.complete() ? "" : "; interrupted, so this is a part"));
        page.section("The gap", gap(findings.counts()));
        if (!findings.failures().isEmpty()) {
            page.section("Diagnoses", diagnoses(page, findings));
        }
        if (findings.last().tellsHeads()) {
            page.section("Where the missing effect is", sites(page, findings));
        }
        if (!findings.failures().isEmpty()) {
            page.section("Failures", list(findings)).showing(data(findings), "findings.js");
        }
        return page.section(
                "As text",
                "<details><summary>What the command printed</summary><div class=\"inside\">" + PageText.html(text)
                        + "</div></details>");
    }

    private static String gap(EvaluationCounts counts) {
        Tally gap = new Tally(counts.failures(), counts.known());
        return "<dl class=\"tiles\">"
                + tile("cases asked", String.valueOf(counts.cases()), "")
                + tile("every hop known", String.valueOf(counts.known()), "")
                + tile("of these composed", String.valueOf(counts.composed()), "")
                + tile(
                        "compositionality gap",
                        Numbers.percent(gap.rate()),
                        "95 % interval " + Interval.percent(counts.gapInterval()) + ", bootstrap by bridge")
                + "</dl>\n<p class=\"note\">The gap is the share of failures among the questions of which the model knows every"
                + " single fact.</p>";
    }

    private static String tile(String name, String value, String note) {
        return "<div><dt>" + name + "</dt><dd>" + value
                + (note.isEmpty() ? "" : "<small>" + Page.escaped(note) + "</small>") + "</dd></div>";
    }

    private static String diagnoses(Page page, Findings findings) {
        List<Chart.Row> rows = new ArrayList<>();
        StringBuilder table = new StringBuilder(
                "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"diagnoses\"><table class=\"words\"><thead><tr>"
                        + "<th scope=\"col\">diagnosis</th><th scope=\"col\" class=\"number\">failures</th><th scope=\"col\">what happened</th>"
                        + "<th scope=\"col\">what makes sense</th></tr></thead><tbody>");
        for (Diagnosis diagnosis : Diagnosis.values()) {
            int n = findings.diagnoses().getOrDefault(diagnosis.words(), 0);
            if (n > 0) {
                Tally share = new Tally(n, findings.failures().size());
                rows.add(new Chart.Row(
                        diagnosis.words(), 100 * share.rate().orElse(0), percent(share.wilson()), share.share()));
                table.append("<tr><th scope=\"row\">")
                        .append(diagnosis.words())
                        .append("</th><td class=\"number\">")
                        .append(n)
                        .append("</td><td>")
                        .append(Page.escaped(diagnosis.meaning()))
                        .append("</td><td>")
                        .append(Page.escaped(diagnosis.remedies().get(0)))
                        .append("</td></tr>");
            }
        }
        return page.kept(
                        "diagnoses",
                        "Share of the failures, with 95 % intervals (Wilson)",
                        Chart.intervals("per cent", rows))
                + table + "</tbody></table></div>";
    }

    private static Optional<Interval> percent(Optional<Interval> share) {
        return share.map(interval -> new Interval(100 * interval.low(), 100 * interval.high()));
    }

    private static String measure(Findings findings) {
        return findings.options().measure().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String sites(Page page, Findings findings) {
        String axis = "effect less control on the " + measure(findings);
        List<Chart.Row> heads = findings.heads().stream()
                .limit(HEADS)
                .map(head -> new Chart.Row(head.head(), head.score(), head.ci(), note(head)))
                .toList();
        List<Chart.Row> layers = findings.last().layers().attention().stream()
                .map(layer -> new Chart.Row("L" + layer.layer(), layer.score(), layer.ci(), note(layer)))
                .toList();
        return "<p>Restored from the guide prompt at the last token, less what the guide of a wrong bridge does: means over "
                + findings.last().cases() + " failing cases of the choose side with "
                + findings.last().bridges()
                + " bridges; 95 % intervals, bootstrap by bridge.</p>"
                + page.kept(
                        "heads", "The " + heads.size() + " heads of the largest effect", Chart.intervals(axis, heads))
                + page.kept(
                        "grid", "Every head, layer by layer; a frame where the interval leaves 0 out", grid(findings))
                + page.kept("layers", "All attention of a layer", Chart.intervals(axis, layers));
    }

    private static String note(RankedHead head) {
        return Numbers.signed(head.score()) + " " + Interval.decimal(head.ci());
    }

    private static String note(RankedLayer layer) {
        return Numbers.signed(layer.score()) + " " + Interval.decimal(layer.ci());
    }

    private static String grid(Findings findings) {
        int layers =
                1 + findings.heads().stream().mapToInt(RankedHead::layer).max().orElse(0);
        int width =
                1 + findings.heads().stream().mapToInt(RankedHead::index).max().orElse(0);
        Chart.Cell[][] cells = new Chart.Cell[layers][width];
        for (RankedHead head : findings.heads()) {
            boolean clear = head.ci().filter(interval -> !interval.contains(0)).isPresent();
            cells[head.layer()][head.index()] = new Chart.Cell(head.score(), clear, head.head() + ": " + note(head));
        }
        return Chart.grid("head", Stream.of(cells).map(Arrays::asList).toList());
    }

    private static String list(Findings findings) {
        StringBuilder html = new StringBuilder(
                "<div class=\"controls\" role=\"search\">"
                        + "<div><label for=\"search\">Search in questions, answers and ids</label><input type=\"search\" id=\"search\"></div>"
                        + "<div><label for=\"diagnosis\">Diagnosis</label><select id=\"diagnosis\"><option value=\"\">all</option>");
        for (Diagnosis diagnosis : Diagnosis.values()) {
            int n = findings.diagnoses().getOrDefault(diagnosis.words(), 0);
            if (n > 0) {
                html.append(Numbers.format(
                        "<option value=\"%d\">%s (%d)</option>", KINDS.indexOf(diagnosis), diagnosis.words(), n));
            }
        }
        return html.append(
                        "</select></div><div><label for=\"side\">Side of the suite</label><select id=\"side\"><option value=\"\">both</option>"
                                + "<option>choose</option><option>report</option></select></div></div>"
                                + "<p id=\"count\" role=\"status\" class=\"note\">")
                .append(findings.failures().size())
                .append(" failures</p>\n<div id=\"failures\"></div>\n<noscript><p>The list needs JavaScript;"
                        + " <code>patch show</code> prints the same.</p></noscript>")
                .toString();
    }

    /**
     * What the page's script shows: numbers are rounded for their cells.
     *
     * @param k null where there are too few right cases
     */
    private record Data(Integer k, String measure, List<Kind> diagnoses, List<Failure> failures) {}

    private record Kind(String words, String meaning, List<String> remedies) {}

    /**
     * A failure.
     *
     * @param artefact why it may be right after all, in words; empty where nothing speaks for it
     * @param tokens of bridge and answer, as the lens reads them
     * @param lens ranks {@code [curve][layer]}
     * @param heads scores {@code [layer][head]}; null for a case that was not mediated
     */
    private record Failure(
            String id,
            String side,
            String prompt,
            String guide,
            String bridge,
            String answer,
            String predicted,
            int diagnosis,
            String artefact,
            List<String> tokens,
            List<List<Integer>> lens,
            List<List<Double>> heads,
            boolean controlled,
            String probability,
            String top) {}

    private static Data data(Findings findings) {
        List<Kind> kinds = KINDS.stream()
                .map(one -> new Kind(one.words(), one.meaning(), one.remedies()))
                .toList();
        int decimals = findings.heads().size() > MANY_HEADS ? 1 : 2;
        return new Data(
                findings.lens().k().orElse(null),
                measure(findings),
                kinds,
                findings.failures().stream().map(one -> failure(one, decimals)).toList());
    }

    private static Failure failure(FailureFinding one, int decimals) {
        CaseLens lens = one.evidence().lens();
        Optional<MediationEvidence> mediation = one.evidence().mediation();
        return new Failure(
                one.id(),
                one.side(),
                one.prompt(),
                one.guide(),
                one.bridge(),
                one.answer(),
                one.predicted(),
                KINDS.indexOf(one.diagnosis()),
                one.evidence().artefact().map(Artefact::words).orElse(""),
                List.of(lens.bridge().token(), lens.answer().token()),
                Stream.of(lens.bridgeAtPhraseEnd(), lens.answerAtPhraseEnd(), lens.bridgeAtLast(), lens.answerAtLast())
                        .map(FindingsPage::ranks)
                        .toList(),
                mediation.map(evidence -> scores(evidence.last(), decimals)).orElse(null),
                mediation.flatMap(evidence -> evidence.last().headControls()).isPresent(),
                mediation
                        .map(evidence -> Numbers.decimal(evidence.probability(), 3))
                        .orElse(""),
                mediation.map(FindingsPage::top).orElse(""));
    }

    private static List<Integer> ranks(LensView view) {
        return view.normed().ranks();
    }

    private static String top(MediationEvidence evidence) {
        return evidence.topHeads().stream()
                .limit(3)
                .map(head -> head.head() + " " + Numbers.signed(head.score()))
                .collect(Collectors.joining(", "));
    }

    private static List<List<Double>> scores(MediationEvidence.Profile profile, int decimals) {
        double unit = Math.pow(10, decimals);
        return IntStream.range(0, profile.headEffects().size())
                .mapToObj(layer -> IntStream.range(
                                0, profile.headEffects().get(layer).size())
                        .mapToObj(head -> {
                            double effect = profile.headEffects().get(layer).get(head);
                            double control = profile.headControls()
                                    .map(all -> all.get(layer).get(head))
                                    .orElse(0.0);
                            return Math.rint((effect - control) * unit) / unit;
                        })
                        .toList())
                .toList();
    }
}

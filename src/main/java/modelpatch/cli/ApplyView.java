package modelpatch.cli;

import java.util.Map;
import java.util.TreeMap;
import modelpatch.Numbers;
import modelpatch.evaluate.CremeMetric;
import modelpatch.report.RepairView;

/** What {@code patch apply} says to a reader. */
final class ApplyView {
    private static final int SHOWN = 10;

    private ApplyView() {}

    static String text(ApplyDocument document) {
        StringBuilder text = new StringBuilder();
        text.append(Numbers.format(
                """
                %s%s
                %d of %d eligible cases taken; the tables are of %d of them. %s
                prompts both for edits and for results: %d
                """,
                document.plan(),
                plans(document),
                document.taken(),
                document.eligible(),
                document.reportCases(),
                document.protocol(),
                document.templateOverlap()));
        text.append('\n').append(RepairView.sets(document.sets())).append('\n');
        document.drift()
                .ifPresent(drift ->
                        text.append('\n').append(RepairView.drift(drift)).append('\n'));
        document.creme()
                .ifPresent(creme -> text.append('\n').append(creme(creme)).append('\n'));
        document.controls()
                .forEach((name, sets) -> text.append("\ncontrol: ")
                        .append(name.replace('_', ' '))
                        .append('\n')
                        .append(RepairView.sets(sets))
                        .append('\n'));
        text.append('\n').append(RepairView.gates(document.gates())).append('\n');
        leftOut(document, text);
        promises(document, text);
        return text.append('\n').append(last(document)).toString();
    }

    /** Where cases chose among several plans: how many others were taken. */
    private static String plans(ApplyDocument document) {
        long others = document.patches().stream()
                .filter(patch -> !patch.plan().equals(document.plan()))
                .count();
        return others == 0
                ? ""
                : "; " + others
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

    private static void leftOut(ApplyDocument document, StringBuilder text) {
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

    private static void promises(ApplyDocument document, StringBuilder text) {
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

    private static String last(ApplyDocument document) {
        String file = document.patches().stream()
                .flatMap(patch -> patch.file().stream())
                .findFirst()
                .orElse("");
        return switch (document.verdict()) {
            case ApplyDocument.PASSED ->
                file.isEmpty()
                        ? "the gates hold; nothing was written, as every case had its own patch; next: patch apply"
                        : "the gates hold; written: " + file + "; next: patch show " + file;
            case ApplyDocument.FORCED -> "a gate failed; written on demand: " + file + "; next: patch show " + file;
            default -> "a gate failed; nothing was written";
        };
    }
}

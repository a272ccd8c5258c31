package modelpatch.report;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import modelpatch.evaluate.Evaluation;
import modelpatch.locate.Diagnosis;
import modelpatch.locate.Evidence;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;
import modelpatch.locate.LensThreshold;
import modelpatch.locate.RankedHead;

/** Findings for a reader: the gap, the failures by diagnosis with their evidence, the heads that carry the missing effect. */
public final class FindingsView {
    private static final int EXAMPLES = 3;
    private static final int HEADS = 10;

    private FindingsView() {}

    /** @param trained compositions that an embedded model was taught, counted apart */
    public static String text(Findings findings, Evaluation evaluation, Optional<Evaluation> trained) {
        StringBuilder text = new StringBuilder();
        text.append(findings.model().name())
                .append(" (")
                .append(findings.model().architecture())
                .append(String.format(
                        Locale.ROOT, ", %.1f M parameters)", findings.model().parameters() / 1e6))
                .append("\n\n")
                .append(EvaluationView.text(evaluation));
        trained.ifPresent(taught ->
                text.append("\n\ntaught compositions, counted apart:\n").append(EvaluationView.text(taught)));
        if (!findings.failures().isEmpty()) {
            text.append("\n\n").append(failures(findings));
            text.append("\n\n").append(heads(findings));
        }
        return text.append('\n').toString();
    }

    private static String failures(Findings findings) {
        StringBuilder text = new StringBuilder("Failures by diagnosis (")
                .append(findings.failures().size())
                .append(" explained)");
        for (Diagnosis diagnosis : Diagnosis.values()) {
            List<FailureFinding> group = findings.failures().stream()
                    .filter(one -> one.diagnosis() == diagnosis)
                    .toList();
            if (!group.isEmpty()) {
                text.append("\n\n")
                        .append(group.size())
                        .append("  ")
                        .append(diagnosis.words())
                        .append(": ")
                        .append(diagnosis.meaning());
                group.stream()
                        .limit(EXAMPLES)
                        .forEach(one -> text.append("\n     ").append(example(one)));
                if (group.size() > EXAMPLES) {
                    text.append("\n     and ").append(group.size() - EXAMPLES).append(" more");
                }
                text.append("\n     remedy: ").append(diagnosis.remedies().get(0));
            }
        }
        return text.append("\n\n").append(lens(findings.lens())).toString();
    }

    private static String example(FailureFinding one) {
        Evidence evidence = one.evidence();
        StringBuilder text = new StringBuilder()
                .append(one.prompt())
                .append(" -> ")
                .append(one.predicted().isBlank() ? "(nothing)" : one.predicted())
                .append("  [")
                .append(one.bridge())
                .append(" -> ")
                .append(one.answer())
                .append("]\n       ")
                .append(evidence.wrongAnswer().words())
                .append("; bridge at best at rank ")
                .append(evidence.bestRank());
        evidence.surfacedAfterLayer()
                .ifPresent(layer -> text.append(", surfaced after layer ").append(layer));
        evidence.mediation()
                .ifPresent(mediation -> mediation.topHeads().stream()
                        .findFirst()
                        .ifPresent(head -> text.append(String.format(
                                Locale.ROOT,
                                "; %s restores %+.2f of the logit difference",
                                head.head(),
                                head.score()))));
        return text.toString();
    }

    private static String lens(LensThreshold lens) {
        if (lens.k().isEmpty()) {
            return "logit lens: " + lens.rightCases()
                    + " right cases are too few to say when a bridge counts as surfaced";
        }
        return String.format(
                Locale.ROOT,
                "logit lens: a bridge counts as surfaced within rank %d (80 %% of %d right cases reach it); other entities of its type: %s;"
                        + " the lens is %s",
                lens.k().get(),
                lens.rightCases(),
                Numbers.percent(lens.randomWithin()),
                lens.informative() ? "informative" : "uninformative for this model, and no diagnosis rests on it");
    }

    private static String heads(Findings findings) {
        Table table = Table.of("head", "effect>", "control>", "effect - control>", "95 % interval");
        for (RankedHead head :
                findings.heads().subList(0, Math.min(HEADS, findings.heads().size()))) {
            table.row(
                    head.head(),
                    Numbers.decimal(head.effect()),
                    Numbers.decimal(head.control()),
                    Numbers.decimal(head.score()),
                    Numbers.decimal(head.ci()));
        }
        return "Attention heads at the last token, by what restoring them from the guide prompt does to the logit difference\n("
                + findings.last().cases()
                + " failing cases of the choose side, "
                + findings.last().bridges()
                + " bridges; control: the guide of a wrong bridge)\n"
                + table
                + "\nedit sites: layers "
                + findings.sites().layers()
                + ", heads "
                + String.join(" ", findings.sites().heads())
                + String.format(
                        Locale.ROOT,
                        " (%.0f %% of the positive effect)",
                        100 * findings.sites().headShare());
    }
}

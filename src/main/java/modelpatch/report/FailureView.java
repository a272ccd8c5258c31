package modelpatch.report;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import modelpatch.Numbers;
import modelpatch.locate.CaseLens;
import modelpatch.locate.Effect;
import modelpatch.locate.FailureFinding;
import modelpatch.locate.Findings;
import modelpatch.locate.LensCurve;
import modelpatch.locate.MediationEvidence;

/** Failures of findings for a reader: all in a list, or one with its evidence layer by layer. */
public final class FailureView {
    private FailureView() {}

    /** Every failure in a line, without a final newline. */
    public static String list(Findings findings) {
        Table table = Table.of("case", "side", "diagnosis", "says", "answer");
        findings.failures()
                .forEach(one -> table.row(one.id(), one.side(), one.diagnosis().words(), said(one), one.answer()));
        return findings.model().name() + ": " + findings.failures().size() + " failures under " + findings.protocol()
                + (findings.failures().isEmpty() ? "" : "\n\n" + table);
    }

    /** One failure: the question, the lens at both positions, what restoring from the guide prompt does. */
    public static String text(FailureFinding one) {
        StringBuilder text = new StringBuilder(one.id())
                .append(" (")
                .append(one.side())
                .append(" side)\n\n")
                .append(one.prompt().replace('\n', ' '))
                .append(" -> ")
                .append(said(one))
                .append("\nright would be ")
                .append(one.answer())
                .append(", by way of ")
                .append(one.bridge())
                .append("\nguide prompt: ")
                .append(one.guide().replace('\n', ' '))
                .append("\n\n")
                .append(one.diagnosis().words())
                .append(": ")
                .append(one.diagnosis().meaning())
                .append("\n\n")
                .append(lens(one));
        text.append("\n\n")
                .append(one.evidence().mediation().map(FailureView::mediation).orElse("this case was not mediated"));
        one.remedies().forEach(remedy -> text.append("\nremedy: ").append(remedy));
        return text.toString();
    }

    private static String said(FailureFinding one) {
        return one.predicted().isBlank() ? "(nothing)" : one.predicted();
    }

    private static String lens(FailureFinding one) {
        CaseLens lens = one.evidence().lens();
        LensCurve early = lens.bridgeAtPhraseEnd().normed();
        LensCurve bridge = lens.bridgeAtLast().normed();
        LensCurve answer = lens.answerAtLast().normed();
        Table table = Table.of(
                "layer>",
                "bridge where its phrase ends>",
                "p>",
                "bridge at the last token>",
                "p>",
                "answer there>",
                "p>");
        for (int layer = 0; layer < early.ranks().size(); layer++) {
            table.row(
                    layer,
                    early.ranks().get(layer),
                    Numbers.decimal(early.probabilities().get(layer), 3),
                    bridge.ranks().get(layer),
                    Numbers.decimal(bridge.probabilities().get(layer), 3),
                    answer.ranks().get(layer),
                    Numbers.decimal(answer.probabilities().get(layer), 3));
        }
        String k = one.evidence()
                .k()
                .map(within -> "; a bridge counts as surfaced within rank " + within)
                .orElse("");
        return "logit lens, ranks of the tokens \"" + lens.bridge().token() + "\" and \""
                + lens.answer().token() + "\" after each block" + k + "\n" + table;
    }

    private static String mediation(MediationEvidence mediation) {
        Table heads = Table.of("head", "effect>", "control>", "effect - control>");
        mediation
                .topHeads()
                .forEach(head -> heads.row(
                        head.head(),
                        Numbers.signed(head.effect()),
                        head.control().isPresent()
                                ? Numbers.signed(head.control().getAsDouble())
                                : "n/a",
                        Numbers.signed(head.score())));
        List<Double> attention = mediation.last().layers().attention().effect();
        List<Double> mlp = mediation.last().layers().mlp().effect();
        Table layers = Table.of("layer>", "attention>", "MLP>");
        IntStream.range(0, attention.size())
                .forEach(layer ->
                        layers.row(layer, Numbers.signed(attention.get(layer)), Numbers.signed(mlp.get(layer))));
        Effect total = mediation.total();
        Optional<Effect> control = mediation.controlTotal();
        return "p(answer) " + Numbers.decimal(mediation.probability(), 3)
                + "; the guide prompt as a whole changes its logit difference to " + mediation.contrast() + " by "
                + Numbers.signed(total.logitDifference())
                + control.map(other -> ", that of a wrong bridge ("
                                + mediation.wrongBridge().orElse("") + ") by "
                                + Numbers.signed(other.logitDifference()))
                        .orElse("")
                + "\n\nheads of the greatest effect at the last token, when restored from the guide prompt\n" + heads
                + "\n\nall attention or the MLP of a layer, restored from it\n" + layers + "\n";
    }
}

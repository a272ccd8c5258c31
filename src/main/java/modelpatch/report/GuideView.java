package modelpatch.report;

import java.util.Map;
import modelpatch.Numbers;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.JudgedPairs;
import modelpatch.guide.GuideDocument;

/** What a guider does for a target, for a reader. */
public final class GuideView {
    private GuideView() {}

    /** All of it but what to do next. */
    public static String text(GuideDocument document) {
        StringBuilder text = new StringBuilder();
        text.append(Numbers.format(
                "target %s, guider %s on %s; alpha %s, warm-up %d, gate %s\n%d failures and %d right compositions; %s\n",
                document.target(),
                document.guider(),
                document.guiderBase(),
                document.strength().alpha(),
                document.strength().warmUp(),
                document.strength().gate().isPresent()
                        ? document.strength().gate().getAsDouble() + " nats"
                        : "none",
                document.failures(),
                document.controls(),
                document.protocol()));
        Table table = Table.of("remedy", "right>", "chains>", "r_C", "95 %", "r_O", "95 %", "p>", "s / question>");
        for (Map.Entry<String, GuideDocument.Row> entry : document.remedies().entrySet()) {
            JudgedPairs pairs = entry.getValue().pairs();
            table.row(
                    entry.getKey(),
                    entry.getValue().right(),
                    entry.getValue().chains(),
                    pairs.pairs().corrected().share(),
                    Interval.percent(pairs.correctionInterval()),
                    pairs.pairs().harmed().share(),
                    Interval.percent(pairs.harmInterval()),
                    Numbers.format("%.2g", pairs.pValue()),
                    Numbers.decimal(entry.getValue().secondsPerQuestion(), 3));
        }
        text.append('\n').append(table).append('\n');
        return text.append('\n')
                .append(AgainstTable.of(document.against()))
                .append('\n')
                .toString();
    }
}

package modelpatch.report;

import java.util.Map;
import java.util.TreeMap;
import modelpatch.Numbers;
import modelpatch.adapt.AdaptDocument;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.JudgedPairs;
import modelpatch.repair.Promoted;

/** What test-time adapters did, for a reader. */
public final class AdaptView {
    private AdaptView() {}

    /** All of it but what to do next. */
    public static String text(AdaptDocument document) {
        StringBuilder text = new StringBuilder();
        text.append(Numbers.format(
                """
                level %s (%s), scope %s; %s
                %d failures and %d right compositions under %d adapters; %d left out. %s
                leaks of demonstrations into their questions: %d of %d pairs
                """,
                document.level(),
                document.supervision(),
                document.scope().key(),
                document.recipe(),
                document.failures(),
                document.controls(),
                document.tasks().size(),
                document.leftOut().size(),
                document.protocol(),
                document.leaks().found(),
                document.leaks().checked()));
        text.append('\n').append(remedies(document)).append('\n');
        text.append('\n').append(AgainstTable.of(document.against())).append('\n');
        reasons(document, text);
        document.promoted().ifPresent(promoted -> text.append(promoted(promoted)));
        AdaptDocument.Restored restored = document.restored();
        text.append(Numbers.format(
                "\nafterwards the model is as it was: weights %s (sha256 %s), logits %s",
                restored.same() ? "equal" : "CHANGED",
                restored.weights().substring(0, 12),
                restored.logits() ? "equal to the bit" : "CHANGED"));
        return text.toString();
    }

    private static Table remedies(AdaptDocument document) {
        Table table = Table.of(
                "remedy", "r_C", "95 %", "r_O", "95 %", "p>", "paraphrase r_C", "paraphrase r_O", "s / question>");
        for (Map.Entry<String, AdaptDocument.Row> entry : document.remedies().entrySet()) {
            JudgedPairs primary = entry.getValue().primary();
            JudgedPairs paraphrase = entry.getValue().paraphrase();
            table.row(
                    entry.getKey(),
                    primary.pairs().corrected().share(),
                    Interval.percent(primary.correctionInterval()),
                    primary.pairs().harmed().share(),
                    Interval.percent(primary.harmInterval()),
                    Numbers.format("%.2g", primary.pValue()),
                    paraphrase.pairs().corrected().share(),
                    paraphrase.pairs().harmed().share(),
                    Numbers.decimal(entry.getValue().secondsPerQuestion(), 3));
        }
        return table;
    }

    private static void reasons(AdaptDocument document, StringBuilder text) {
        Map<String, Integer> reasons = new TreeMap<>();
        document.leftOut().forEach(one -> reasons.merge(one.why(), 1, Integer::sum));
        reasons.forEach((why, count) ->
                text.append("left out: ").append(count).append(", ").append(why).append('\n'));
    }

    private static String promoted(Promoted promoted) {
        return "\nas a patch:\n" + RepairView.gates(promoted.gates()) + "\n";
    }
}

package modelpatch.report;

import java.util.List;
import java.util.stream.Collectors;
import modelpatch.evaluate.Interval;
import modelpatch.remedy.Advice;

/** What to try, and why. */
public final class AdviceView {
    private AdviceView() {}

    /**
     * A table of advice.
     *
     * @param missing cases of which a hop is not known: no remedy for reasoning helps them
     */
    public static String text(List<Advice> advice, int missing) {
        Table table = Table.of("diagnosis", "failures>", "try", "because");
        for (Advice one : advice) {
            table.row(one.diagnosis().words(), one.failures(), one.command(), because(one));
        }
        if (missing > 0) {
            table.row(
                    "a hop is not known",
                    missing,
                    "a fact edit, or the fact in the prompt",
                    "there is nothing to compose; they are no failures");
        }
        return "\n\nwhat to try\n" + table;
    }

    private static String because(Advice advice) {
        if (advice.evidence().isEmpty()) {
            return "composing fails; not measured on this model: patch compare does";
        }
        return "patch compare on this model corrected "
                + advice.evidence().stream()
                        .map(one -> one.remedy() + " " + one.corrected().share() + " "
                                + Interval.percent(one.corrected().wilson()))
                        .collect(Collectors.joining(", "));
    }
}

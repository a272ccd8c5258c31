package modelpatch.thinking;

import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.cases.CaseSuite;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.SuiteSplit;
import modelpatch.evaluate.Onlooker;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.Questions;
import modelpatch.evaluate.Reply;
import modelpatch.model.AnswerModel;

/**
 * What a patch that learned from a model's own slow answers reached, beside the slow answers themselves: they are its ceiling. Judged by the answers
 * of the suite, which the patch has not seen, on the report side of the suite that it was made from.
 *
 * @param slow before is fast, after is slow
 * @param patched before is fast, after is fast with the patch
 */
public record SlowToFast(PairedOutcome slow, PairedOutcome patched) {

    /**
     * Judges.
     *
     * @param base without the patch
     * @param changed with it
     * @param gold the cases with their own answers
     * @param own the same with the model's; what is on its choose side chose how the patch is made, and is not asked. Those without an answer of
     *     the model's own are
     */
    public static SlowToFast of(
            AnswerModel base, AnswerModel changed, Questions gold, CaseSuite own, Mode slow, Onlooker onlooker) {
        Set<String> chose =
                own.cases(SuiteSplit.CHOOSE).stream().map(CompositionalCase::id).collect(Collectors.toSet());
        List<CompositionalCase> cases = gold.asked().suite().cases().stream()
                .filter(one -> !chose.contains(one.id()))
                .toList();
        Mode fast = Mode.direct("plain", Mode.PROMPT);
        Respondent before = Respondent.generating(base, gold.deciding());
        List<String> none = cases.stream().map(one -> "").toList();
        try (Onlooker.Part progress = onlooker.begin("ceiling")) {
            List<Reply> plain = before.ask(fast, cases, none, progress);
            List<Reply> thought = before.ask(slow, cases, none, progress);
            List<Reply> patched =
                    Respondent.generating(changed, gold.deciding()).ask(fast, cases, none, progress);
            return new SlowToFast(pairs(plain, thought), pairs(plain, patched));
        }
    }

    private static PairedOutcome pairs(List<Reply> before, List<Reply> after) {
        PairedOutcome all = PairedOutcome.NONE;
        for (int i = 0; i < before.size(); i++) {
            all = all.plus(
                    PairedOutcome.of(before.get(i).verdict(), after.get(i).verdict()));
        }
        return all;
    }

    /** A_patched / A_slow; empty where no slow answer is right. */
    public OptionalDouble reached() {
        long ceiling = slow.rightAfter().successes();
        return ceiling == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) patched.rightAfter().successes() / ceiling);
    }

    /** r_C of the patch over r_C of slow thinking: the same on what fails without either; empty where slow thinking corrects nothing. */
    public OptionalDouble reachedOnFailures() {
        return slow.n01() == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) patched.n01() / slow.n01());
    }
}

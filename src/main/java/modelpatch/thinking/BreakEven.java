package modelpatch.thinking;

import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.evaluate.PairedOutcome;
import modelpatch.evaluate.Tally;

/**
 * Should a model think? It gains by thinking where r_C (1 - A_fast) > r_O A_fast, that is where r_C / r_O > A_fast / (1 - A_fast).
 *
 * @param ratio r_C / r_O; empty where one of them is undefined or nothing was harmed
 * @param odds A_fast / (1 - A_fast); empty where every fast answer is right, or none was asked
 * @param pays whether thinking pays; empty where r_C or r_O is undefined
 */
public record BreakEven(OptionalDouble ratio, OptionalDouble odds, Optional<Boolean> pays) {
    static BreakEven of(PairedOutcome pairs) {
        Tally before = pairs.rightBefore();
        long wrong = before.n() - before.successes();
        OptionalDouble odds =
                wrong == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) before.successes() / wrong);
        boolean defined = wrong > 0 && before.successes() > 0;
        OptionalDouble ratio = defined && pairs.n10() > 0
                ? OptionalDouble.of(
                        pairs.correctionRate().getAsDouble() / pairs.harmRate().getAsDouble())
                : OptionalDouble.empty();
        // in whole numbers: both sides of the rule times N
        return new BreakEven(ratio, odds, defined ? Optional.of(pairs.n01() > pairs.n10()) : Optional.empty());
    }
}

package modelpatch.thinking;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.OptionalDouble;
import modelpatch.evaluate.SetOutcome;
import modelpatch.evaluate.Tally;

/**
 * The same cases without a hint and with one of a kind: before is without, after is with. r_O is the harm of the hint: wrong with it among
 * what was right without.
 *
 * @param hint what the hint says
 * @param mode how was asked
 * @param repaired whether the model had its patches on
 * @param wording the sentence of the hint
 * @param outcome the pairs; cases for which there is no such hint are left out
 * @param saidWith answers that are the hinted entity, with the hint
 * @param saidWithout answers that are the hinted entity, without it
 */
public record Anchoring(
        Hint hint,
        String mode,
        boolean repaired,
        String wording,
        SetOutcome outcome,
        Tally saidWith,
        Tally saidWithout) {

    /** What a hint puts into the model's mind. */
    public enum Hint {
        /** An entity of the answer's type that is not the answer. */
        WRONG,
        /** The answer. */
        RIGHT,
        /** An entity of another type. */
        IRRELEVANT,
        /** The implicit result. */
        BRIDGE,
        /** What the last relation gives for the subject itself. */
        SHORTCUT;

        /** The name that JSON uses. */
        @JsonValue
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** pull = P(answer is the hinted entity | hint) - P(the same | none); empty without cases. */
    public OptionalDouble pull() {
        return saidWith.rate().isEmpty()
                ? OptionalDouble.empty()
                : OptionalDouble.of(
                        saidWith.rate().getAsDouble() - saidWithout.rate().getAsDouble());
    }
}

package modelpatch.guard;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What became of one case.
 *
 * @param set the set's title, such as {@code must_stay/hops}
 * @param expected accepted names
 * @param found what the model said
 * @param before what the model without its patches said, as the suite recorded it
 * @param accepted what the baseline recorded; empty without a baseline
 * @param margin least lead along the answer as a multiple of the decisive one; empty where it was not looked at
 */
@JsonPropertyOrder({"set", "id", "outcome"})
public record CaseResult(
        String set,
        String id,
        Outcome outcome,
        String prompt,
        List<String> expected,
        String found,
        Optional<String> before,
        Optional<String> accepted,
        Optional<Double> margin) {
    /** How a case came out. */
    public enum Outcome {
        HOLDS,
        /** Rounding decides whether it is right, as it did in the baseline, where it was: no reason to fail a build, and shown. */
        TIED,
        FAILS;

        /** The name in JSON. */
        @JsonValue
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public CaseResult {
        expected = List.copyOf(expected);
    }

    public boolean fails() {
        return outcome == Outcome.FAILS;
    }

    /** Whether the answer is another one than the baseline accepted. */
    public boolean changed() {
        return accepted.isPresent() && !accepted.get().equals(found);
    }

    /** Everything that a person needs to see what happened, on four lines. */
    public String message() {
        return "prompt:   " + prompt.replace("\n", "\n          ")
                + "\nexpected: " + String.join(" | ", expected)
                + "\nfound:    " + (found.isEmpty() ? "(nothing)" : found)
                + "\nbefore:   "
                + before.map(text -> text.isEmpty() ? "(nothing)" : text).orElse("(not recorded)")
                + accepted.filter(text -> changed())
                        .map(text -> "\naccepted: " + text)
                        .orElse("");
    }
}

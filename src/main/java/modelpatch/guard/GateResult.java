package modelpatch.guard;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import modelpatch.Numbers;
import modelpatch.evaluate.Interval;
import modelpatch.evaluate.Tally;

/**
 * What one gate said.
 *
 * @param name the key of its limit in the gates file
 * @param limit the least value that passes for names that end in {@code _min}, the greatest for those that end in {@code _max}
 * @param value what was measured; empty where there was nothing to measure
 * @param items of which the value is a rate; empty for what is no rate
 * @param interval exact, of a rate of a sample, each of whose limits alone holds at 97.5 %; empty for what was measured whole
 * @param state passed, failed, or undecided
 */
@JsonPropertyOrder({"name", "limit", "value", "items", "interval", "state", "passed"})
public record GateResult(
        String name,
        double limit,
        OptionalDouble value,
        Optional<Long> items,
        Optional<Interval> interval,
        State state) {
    /** What a gate says. */
    public enum State {
        /** The limit is kept; of a sample, by its interval. */
        PASSED,
        /** The limit is broken; of a sample, by its interval. */
        FAILED,
        /** Too little to say: nothing was measured, or the limit lies within the interval. */
        UNDECIDED;

        /** The name that JSON uses, in lower case. */
        @JsonValue
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is known of a rate before anything is asked; a limit that it cannot break is kept. */
    private static final Interval ANYTHING = new Interval(0, 1);

    /** A number that was measured whole, with nothing drawn: it is within its limit or beyond. */
    static GateResult whole(String name, double limit, OptionalDouble value) {
        State state = value.isEmpty()
                ? State.UNDECIDED
                : within(name, limit, value.getAsDouble()) ? State.PASSED : State.FAILED;
        return new GateResult(name, limit, value, Optional.empty(), Optional.empty(), state);
    }

    /** A rate of all items that there are, whose number is known. */
    static GateResult census(String name, double limit, Tally tally) {
        Interval known = tally.n() == 0
                ? ANYTHING
                : new Interval(tally.rate().orElseThrow(), tally.rate().orElseThrow());
        return new GateResult(
                name, limit, tally.rate(), Optional.of(tally.n()), Optional.empty(), state(name, limit, known));
    }

    /** A rate of a sample: decided where the whole interval lies on one side of the limit. */
    static GateResult sample(String name, double limit, Tally tally) {
        Optional<Interval> interval = tally.exact();
        return new GateResult(
                name,
                limit,
                tally.rate(),
                Optional.of(tally.n()),
                interval,
                state(name, limit, interval.orElse(ANYTHING)));
    }

    private static State state(String name, double limit, Interval known) {
        boolean low = within(name, limit, known.low());
        boolean high = within(name, limit, known.high());
        return low && high ? State.PASSED : low || high ? State.UNDECIDED : State.FAILED;
    }

    private static boolean within(String name, double limit, double value) {
        return name.endsWith(Gates.LEAST) ? value >= limit : value <= limit;
    }

    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    public boolean passed() {
        return state == State.PASSED;
    }

    /** Whether the value as it stands is not beyond the limit, however many items it rests on; so is no value. */
    public boolean within() {
        return value.isEmpty() || within(name, limit, value.getAsDouble());
    }

    /** In words, for people: {@code harm_hops_max 0.083 (limit 0.05)}. */
    @Override
    public String toString() {
        String found = value.isPresent() ? Numbers.format("%.3g", value.getAsDouble()) : "nothing";
        String sample = interval.map(limits -> " " + limits + " of " + items.orElseThrow())
                .orElse("");
        return name + " " + found + sample + " (limit " + limit + ")";
    }
}

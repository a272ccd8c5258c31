package modelpatch.guard;

import java.util.OptionalDouble;
import modelpatch.Numbers;

/**
 * What one gate said.
 *
 * @param name the key of its limit in the gates file
 * @param limit the least value that passes for names that end in {@code _min}, the greatest for those that end in {@code _max}
 * @param value what was measured; empty where there was nothing to measure, which passes
 * @param passed whether the value is within its limit
 */
public record GateResult(String name, double limit, OptionalDouble value, boolean passed) {
    static GateResult of(String name, double limit, OptionalDouble value) {
        boolean least = name.endsWith(Gates.LEAST);
        boolean passed = value.isEmpty() || (least ? value.getAsDouble() >= limit : value.getAsDouble() <= limit);
        return new GateResult(name, limit, value, passed);
    }

    /** In words, for people: {@code harm_hops_max 0.083 (limit 0.05)}. */
    @Override
    public String toString() {
        String found = value.isPresent() ? Numbers.format("%.3g", value.getAsDouble()) : "nothing";
        return name + " " + found + " (limit " + limit + ")";
    }
}

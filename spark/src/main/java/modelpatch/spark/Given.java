package modelpatch.spark;

import java.io.Serializable;
import java.util.Optional;
import modelpatch.BadInput;

/**
 * What a task gives back. Bad input is a value: it would be as bad on the next try.
 *
 * @param json what the piece gave; null where it met bad input
 * @param where the bad input stands; null where there is none
 * @param message what is wrong with it, without where it stands
 */
record Given(byte[] json, String where, String message) implements Serializable {
    static Given of(byte[] json) {
        return new Given(json, null, null);
    }

    static Given of(BadInput bad) {
        String before = bad.where() + ": ";
        String message = bad.getMessage();
        return new Given(null, bad.where(), message.startsWith(before) ? message.substring(before.length()) : message);
    }

    /** Bad input that a node has and others need not have. */
    static Given of(BadInput bad, String node) {
        return new Given(null, node, bad.getMessage());
    }

    Optional<BadInput> bad() {
        return json == null ? Optional.of(BadInput.of(where, message)) : Optional.empty();
    }
}

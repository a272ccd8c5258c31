package modelpatch.remedy;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * Where a state goes when a question is asked again: what the residual stream is after one block becomes what it is after an earlier one.
 *
 * @param from block whose output is taken, from 0
 * @param to earlier block whose output it replaces
 * @param place position of both
 */
public record BackPatch(int from, int to, Place place) {
    public BackPatch {
        if (to < 0 || from <= to) {
            throw new IllegalArgumentException("back from block " + from + " to block " + to);
        }
    }

    /** A position of a prompt. */
    public enum Place {
        /** The end of the first hop's phrase, or of the entity that is asked about. */
        PHRASE_END,
        /** The last token. */
        LAST;

        /** As people and files say it. */
        @JsonValue
        public String key() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    @Override
    public String toString() {
        return "L" + from + " to L" + to + " at " + place.key();
    }
}

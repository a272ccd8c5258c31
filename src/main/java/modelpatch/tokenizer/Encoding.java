package modelpatch.tokenizer;

import java.util.Arrays;
import java.util.OptionalInt;

/**
 * A text's tokens and where each lies in it. Tokens that share one character (a piece of an emoji each) all carry that character's range; a
 * token that stands for no text, such as a beginning-of-sequence token, has an empty one.
 *
 * @param ids token ids, {@code [token]}
 * @param starts index of each token's first UTF-16 character, {@code [token]}
 * @param ends index one past each token's last UTF-16 character, {@code [token]}
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by contents
public record Encoding(int[] ids, int[] starts, int[] ends) {
    public Encoding {
        if (ids.length != starts.length || ids.length != ends.length) {
            throw new IllegalArgumentException(
                    ids.length + " ids, " + starts.length + " starts and " + ends.length + " ends");
        }
        ids = ids.clone();
        starts = starts.clone();
        ends = ends.clone();
    }

    @Override
    public int[] ids() {
        return ids.clone();
    }

    @Override
    public int[] starts() {
        return starts.clone();
    }

    @Override
    public int[] ends() {
        return ends.clone();
    }

    /** How many tokens there are. */
    public int length() {
        return ids.length;
    }

    /** The index of the last token that holds a character; empty where none does, as for white space that a tokenizer drops. */
    public OptionalInt tokenHolding(int character) {
        for (int i = ids.length - 1; i >= 0; i--) {
            if (starts[i] <= character && character < ends[i]) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encoding that
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(starts, that.starts)
                && Arrays.equals(ends, that.ends);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids) + 31 * Arrays.hashCode(starts) + 961 * Arrays.hashCode(ends);
    }

    @Override
    public String toString() {
        return "Encoding[ids=" + Arrays.toString(ids) + ", starts=" + Arrays.toString(starts) + ", ends="
                + Arrays.toString(ends) + "]";
    }
}

package modelpatch.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Sequences of token ids. */
public final class TokenIds {
    private TokenIds() {}

    /** One behind the other, as a new array. */
    public static int[] joined(int[] first, int... second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** As a list, which equals another of the same ids. */
    public static List<Integer> boxed(int[] ids) {
        return IntStream.of(ids).boxed().toList();
    }
}

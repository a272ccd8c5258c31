package modelpatch.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Sequences of token ids. */
public final class TokenIds {
    private TokenIds() {}

    /** One behind the other, as a new array. */
    public static int[] joined(int[] first, int... second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    /** As files of the cache hold them, apart by a blank; {@link #read} reads them. */
    public static String text(int[] ids) {
        return IntStream.of(ids).mapToObj(String::valueOf).collect(Collectors.joining(" "));
    }

    /** @throws NumberFormatException for what {@link #text} does not write */
    public static int[] read(String text) {
        return text.isEmpty()
                ? new int[0]
                : Stream.of(text.split(" ")).mapToInt(Integer::parseInt).toArray();
    }

    /** As a list, which equals another of the same ids. */
    public static List<Integer> boxed(int[] ids) {
        return IntStream.of(ids).boxed().toList();
    }
}

package modelpatch.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** Prompts of different lengths as one batch of rows without padding: those of equal length stand side by side as a group. */
final class Ragged {
    private final List<Group> groups = new ArrayList<>();
    private final Map<Integer, Integer> firstRow = new HashMap<>();
    private final int[] ids;

    /**
     * @param chunk which prompts, in an order of their lengths
     * @param prefixes what a prompt of a length goes on after
     */
    Ragged(List<int[]> prompts, List<Integer> chunk, IntFunction<Prefix> prefixes) {
        this(prompts, chunk, prefixes, 0);
    }

    /** As above; with {@code layers} above 0 keys and values are kept so that the sequences can go on. */
    Ragged(List<int[]> prompts, List<Integer> chunk, IntFunction<Prefix> prefixes, int layers) {
        int rows = 0;
        int start = 0;
        for (int i = 0; i < chunk.size(); i++) {
            int length = prompts.get(chunk.get(i)).length;
            firstRow.put(chunk.get(i), rows);
            rows += length;
            if (i + 1 == chunk.size() || prompts.get(chunk.get(i + 1)).length != length) {
                int count = i + 1 - start;
                Prefix prefix = prefixes.apply(length);
                groups.add(layers > 0 ? Group.keeping(prefix, count, length, layers) : Group.of(prefix, count, length));
                start = i + 1;
            }
        }
        ids = new int[rows];
        for (int prompt : chunk) {
            int[] from = prompts.get(prompt);
            System.arraycopy(from, 0, ids, firstRow.get(prompt), from.length);
        }
    }

    List<Group> groups() {
        return groups;
    }

    int[] ids() {
        return ids;
    }

    int firstRow(int prompt) {
        return firstRow.get(prompt);
    }
}

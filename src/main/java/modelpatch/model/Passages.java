package modelpatch.model;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What a model writes by itself after tokens drawn at random: text of every kind that it knows, without a corpus. */
public final class Passages {
    private Passages() {}

    /**
     * Writes passages, greedily.
     *
     * @param prefix tokens before every passage
     * @param count how many
     * @param tokens of each, the drawn one first
     */
    public static List<int[]> written(LanguageModel model, int[] prefix, int count, int tokens, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<int[]> starts = IntStream.range(0, count)
                .mapToObj(i -> new int[] {random.nextInt(model.config().dVocab())})
                .toList();
        List<int[]> written = model.generate(prefix, starts, tokens - 1, soFar -> false);
        return IntStream.range(0, count)
                .mapToObj(i -> TokenIds.joined(starts.get(i), written.get(i)))
                .toList();
    }
}

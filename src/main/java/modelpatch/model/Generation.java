package modelpatch.model;

import java.util.List;
import java.util.function.Predicate;

/** Greedy continuation of several prompts side by side, with keys and values kept; a finished sequence leaves the batch. */
final class Generation {
    private final LanguageModel model;
    private final Prefixes prefixes;
    private final List<int[]> prompts;
    private final List<Integer> chunk;

    Generation(LanguageModel model, Prefixes prefixes, List<int[]> prompts, List<Integer> chunk) {
        this.model = model;
        this.prefixes = prefixes;
        this.prompts = prompts;
        this.chunk = chunk;
    }

    /**
     * Adds the new ids of each prompt of the chunk.
     *
     * @param maxNewTokens how many there may be, those counted that are there already
     * @param results by prompt the new ids that it ends with already; modified
     */
    void run(int maxNewTokens, Predicate<int[]> stop, int[][] results) {
        try (OpenRun run =
                new OpenRun(model, prefixes, chunk.stream().map(prompts::get).toList())) {
            while (!run.isOver() && maxNewTokens > 0) {
                int[] next = run.best();
                for (int i = 0; i < next.length; i++) {
                    if (next[i] != OpenRun.LEAVES) {
                        int prompt = chunk.get(i);
                        results[prompt] = TokenIds.joined(results[prompt], next[i]);
                        boolean over = results[prompt].length >= maxNewTokens || stop.test(results[prompt]);
                        next[i] = over ? OpenRun.LEAVES : next[i];
                    }
                }
                run.goOn(next);
            }
        }
    }
}

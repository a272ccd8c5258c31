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

    /** Fills in the new ids of each prompt of the chunk. */
    void run(int maxNewTokens, Predicate<int[]> stop, int[][] results) {
        chunk.forEach(prompt -> results[prompt] = new int[0]);
        try (OpenRun run =
                new OpenRun(model, prefixes, chunk.stream().map(prompts::get).toList())) {
            for (int step = 0; step < maxNewTokens && !run.isOver(); step++) {
                int[] next = run.best();
                for (int i = 0; i < next.length; i++) {
                    if (next[i] != OpenRun.LEAVES) {
                        int prompt = chunk.get(i);
                        results[prompt] = TokenIds.joined(results[prompt], next[i]);
                        next[i] = stop.test(results[prompt]) ? OpenRun.LEAVES : next[i];
                    }
                }
                run.goOn(next);
            }
        }
    }
}

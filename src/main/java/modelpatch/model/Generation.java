package modelpatch.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/** Greedy continuation of several prompts side by side, with keys and values kept; a finished sequence leaves the batch. */
final class Generation {
    private final LanguageModel model;
    private final Prefix prefix;
    private final List<int[]> prompts;
    private final List<Integer> chunk;

    Generation(LanguageModel model, Prefix prefix, List<int[]> prompts, List<Integer> chunk) {
        this.model = model;
        this.prefix = prefix;
        this.prompts = prompts;
        this.chunk = chunk;
    }

    /** Fills in the new ids of each prompt of the chunk. */
    void run(int maxNewTokens, Predicate<int[]> stop, int[][] results) {
        Ragged batch = new Ragged(prompts, chunk, prefix, model.config().nLayers());
        List<Group> groups = batch.groups();
        List<Integer> alive = new ArrayList<>(chunk);
        chunk.forEach(prompt -> results[prompt] = new int[0]);
        int[] ids = batch.ids();
        for (int step = 0; step < maxNewTokens && !alive.isEmpty(); step++) {
            int[] next = step(ids, groups);
            for (int i = 0; i < next.length; i++) {
                results[alive.get(i)] = appended(results[alive.get(i)], next[i]);
            }
            List<Integer> left = new ArrayList<>();
            List<Group> going = new ArrayList<>();
            List<Integer> nextIds = new ArrayList<>();
            int first = 0;
            for (Group group : groups) {
                List<Integer> kept = new ArrayList<>();
                for (int i = 0; i < group.count(); i++) {
                    int prompt = alive.get(first + i);
                    if (!stop.test(results[prompt])) {
                        kept.add(i);
                        left.add(prompt);
                        nextIds.add(next[first + i]);
                    }
                }
                first += group.count();
                if (!kept.isEmpty()) {
                    going.add(group.next(ints(kept)));
                }
            }
            alive = left;
            groups = going;
            ids = ints(nextIds);
        }
    }

    /** The likeliest next token of each sequence. */
    private int[] step(int[] ids, List<Group> groups) {
        try (Engine.Scope scope = Engine.scope()) {
            Tensor x = model.decoder().embed(ids, groups);
            Tensor after = model.decoder().blocks(x, groups, 0, model.config().nLayers(), Hooks.NONE);
            List<Integer> last = new ArrayList<>();
            int row = 0;
            for (Group group : groups) {
                group.keepIn(scope);
                for (int i = 0; i < group.count(); i++) {
                    row += group.length();
                    last.add(row - 1);
                }
            }
            long[] best = Engine.run("argmax", model.decoder().unembed(after.rows(ints(last))))
                    .toLongs();
            return java.util.Arrays.stream(best).mapToInt(Math::toIntExact).toArray();
        }
    }

    private static int[] appended(int[] ids, int id) {
        int[] more = java.util.Arrays.copyOf(ids, ids.length + 1);
        more[ids.length] = id;
        return more;
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}

package modelpatch.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.architecture.ModelConfig;
import modelpatch.engine.Engine;

/** How sequences are parted into batches: enough in each to keep the matrix products busy, few enough to bound memory. */
final class Batches {
    private static final int FEWEST = 32;
    private static final int MOST = 256;

    /** Logits of one batch: 8 MB. Kept keys and values of so many sequences of a large model take ten times that. */
    private static final int MOST_LOGITS = 1 << 21;

    /** With fewer sequences a second worker takes no time away: the weights are read once for each. */
    private static final int WORTH_A_WORKER = 16;

    private Batches() {}

    /** The most sequences of one batch. */
    static int most(ModelConfig config) {
        return Math.max(FEWEST, Math.min(MOST, MOST_LOGITS / config.dVocab()));
    }

    /** Batches of prompts by their indices, in an order of their lengths, of about one size, several where that is worth it. */
    static List<List<Integer>> of(List<int[]> prompts, ModelConfig config) {
        List<Integer> order = byLength(prompts);
        int worthwhile = Math.min(Engine.workers(), ceiling(order.size(), WORTH_A_WORKER));
        int count = Math.max(worthwhile, ceiling(order.size(), most(config)));
        List<List<Integer>> batches = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            batches.add(order.subList(order.size() * i / count, order.size() * (i + 1) / count));
        }
        return batches;
    }

    static List<Integer> byLength(List<int[]> prompts) {
        return IntStream.range(0, prompts.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> prompts.get(i).length))
                .toList();
    }

    private static int ceiling(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}

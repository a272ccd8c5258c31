package modelpatch.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.architecture.ModelConfig;
import modelpatch.engine.Device;

/**
 * How sequences are parted into batches: enough in each to keep the matrix products busy, few enough to bound memory. Borders follow from
 * the sequences and the model alone: a sequence's numbers round as its batch does, and must not depend on how many workers there are.
 */
final class Batches {
    /** Batches of one call where the caller has work enough: so many workers it can keep busy. */
    private static final int AT_ONCE = 4;

    private static final int FEWEST = 32;
    private static final int MOST = 256;

    /** Logits of one batch: 8 MB. Kept keys and values of so many sequences of a large model take ten times that. */
    private static final int MOST_LOGITS = 1 << 21;

    /** Where one batch has room for all sequences but two workers could share them, two; a third would read the weights once more. */
    private static final int AT_LEAST = 2;

    /** With fewer sequences a batch of their own takes longer than it saves. */
    private static final int WORTH_A_BATCH = 16;

    private Batches() {}

    /** The most sequences of one batch; a GPU has room for more. */
    static int most(ModelConfig config) {
        int room = Device.room();
        return Math.max(FEWEST, Math.min(MOST * room, MOST_LOGITS * room / config.dVocab()));
    }

    /** Batches of one call where the caller has work enough. */
    static int atOnce() {
        return Device.current().hasWorkers() ? AT_ONCE : 1;
    }

    /** Batches of prompts by their indices, in an order of their lengths, of about one size, several where that is worth it. */
    static List<List<Integer>> of(List<int[]> prompts, ModelConfig config) {
        List<Integer> order = byLength(prompts);
        int worthwhile = Math.min(Math.min(AT_LEAST, atOnce()), ceiling(order.size(), WORTH_A_BATCH));
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

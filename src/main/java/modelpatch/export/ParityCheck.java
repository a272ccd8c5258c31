package modelpatch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import modelpatch.export.OnnxBatch.Logits;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;

/**
 * Compares an exported model with the engine, in every way that a user may run it: at once, in parts, side by side with padding. The engine runs
 * once, when this is made, and may be closed before the exported model is opened, so that the two need not be in memory together.
 */
public final class ParityCheck {
    private static final int[] NO_PREFIX = {};
    private static final int ONE_BY_ONE = 3;
    private static final int NEW_TOKENS = 12;

    private final List<int[]> prompts;
    private final List<float[][]> expected = new ArrayList<>();
    private final List<int[]> continuations;
    private final Acceptance acceptance;

    /**
     * Runs the engine; its logits are kept, 200 kB for a token of 50,000 words.
     *
     * @param engine with its patches; not kept
     * @param prompts ids, each of at least two tokens
     */
    public ParityCheck(LanguageModel engine, List<int[]> prompts) {
        this(engine, prompts, Acceptance.NONE);
    }

    /** The same with more for the exported model to pass. */
    public ParityCheck(LanguageModel engine, List<int[]> prompts, Acceptance acceptance) {
        this.acceptance = acceptance;
        this.prompts = List.copyOf(prompts);
        prompts.forEach(prompt -> expected.add(engine.allLogits(NO_PREFIX, prompt)));
        this.continuations = engine.generate(NO_PREFIX, prompts, NEW_TOKENS, ids -> false);
    }

    /** How near a model in ONNX Runtime comes to the engine; it passes up to a limit of the measure. */
    public Parity of(OnnxModel model, Parity.Measure measure, double limit) {
        List<int[]> found = model.generate(NO_PREFIX, prompts, NEW_TOKENS, ids -> false);
        int same = (int) IntStream.range(0, prompts.size())
                .filter(i -> Arrays.equals(found.get(i), continuations.get(i)))
                .count();
        return new Parity(
                measure,
                limit,
                List.of(
                        whole(model, measure),
                        cached(model, measure),
                        padded("padded left", model, measure),
                        padded("padded right", model, measure)),
                same,
                prompts.size(),
                NEW_TOKENS,
                acceptance.broken(model));
    }

    private Parity.Way whole(OnnxModel model, Parity.Measure measure) {
        Differences differences = new Differences(measure);
        for (int i = 0; i < prompts.size(); i++) {
            try (OnnxBatch batch = OnnxBatch.empty(model, 1)) {
                differences.add(batch.append(new int[][] {prompts.get(i)}), 0, 0, expected.get(i));
            }
        }
        return differences.way("whole");
    }

    /** The first half at once, then the rest at once, but for the last tokens, which come one by one. */
    private Parity.Way cached(OnnxModel model, Parity.Measure measure) {
        Differences differences = new Differences(measure);
        for (int i = 0; i < prompts.size(); i++) {
            int[] prompt = prompts.get(i);
            int half = prompt.length / 2;
            int[] ends = IntStream.concat(
                            IntStream.of(half),
                            IntStream.rangeClosed(Math.max(half + 1, prompt.length - ONE_BY_ONE), prompt.length))
                    .toArray();
            int from = 0;
            try (OnnxBatch batch = OnnxBatch.empty(model, 1)) {
                for (int to : ends) {
                    Logits logits = batch.append(new int[][] {Arrays.copyOfRange(prompt, from, to)});
                    differences.add(logits, 0, 0, Arrays.copyOfRange(expected.get(i), from, to));
                    from = to;
                }
            }
        }
        return differences.way("cached");
    }

    /** All prompts in one batch; a second call appends the last token of each, so that padding lies between kept tokens too. */
    private Parity.Way padded(String name, OnnxModel model, Parity.Measure measure) {
        Differences differences = new Differences(measure);
        int longest =
                prompts.stream().mapToInt(prompt -> prompt.length - 1).max().orElseThrow();
        int[][] ids = new int[prompts.size()][longest];
        int[][] last = new int[prompts.size()][];
        int[] starts = new int[prompts.size()];
        for (int i = 0; i < ids.length; i++) {
            int[] prompt = prompts.get(i);
            int length = prompt.length - 1;
            starts[i] = name.equals("padded left") ? longest - length : 0;
            Arrays.fill(ids[i], OnnxBatch.NONE);
            System.arraycopy(prompt, 0, ids[i], starts[i], length);
            last[i] = new int[] {prompt[length]};
        }
        try (OnnxBatch batch = OnnxBatch.empty(model, ids.length)) {
            Logits first = batch.append(ids);
            for (int i = 0; i < ids.length; i++) {
                differences.add(first, i, starts[i], Arrays.copyOf(expected.get(i), prompts.get(i).length - 1));
            }
            Logits second = batch.append(last);
            for (int i = 0; i < ids.length; i++) {
                float[][] rows = expected.get(i);
                differences.add(second, i, 0, new float[][] {rows[rows.length - 1]});
            }
        }
        return differences.way(name);
    }

    /** What is counted over positions. */
    private static final class Differences {
        private final Parity.Measure measure;
        private double largest;
        private double divergence;
        private int sameTop;
        private int positions;

        Differences(Parity.Measure measure) {
            this.measure = measure;
        }

        void add(Logits found, int sequence, int firstPlace, float[][] expected) {
            for (int i = 0; i < expected.length; i++) {
                float[] row = found.at(sequence, firstPlace + i);
                for (int id = 0; id < row.length; id++) {
                    largest = Math.max(largest, Math.abs((double) row[id] - expected[i][id])); // NaN stays
                }
                if (measure == Parity.Measure.KL_MEAN) {
                    divergence += NextToken.divergence(
                            expected[i], NextToken.logSumExp(expected[i]), row, NextToken.logSumExp(row));
                }
                sameTop += NextToken.argmax(row) == NextToken.argmax(expected[i]) ? 1 : 0;
                positions++;
            }
        }

        Parity.Way way(String name) {
            OptionalDouble klMean = measure == Parity.Measure.KL_MEAN
                    ? OptionalDouble.of(divergence / positions)
                    : OptionalDouble.empty();
            return new Parity.Way(name, largest, klMean, sameTop, positions);
        }
    }
}

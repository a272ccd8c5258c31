package modelpatch.export;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import modelpatch.architecture.LengthClasses;
import modelpatch.export.OnnxAbilities.Parts;
import modelpatch.export.OnnxAbilities.SideBySide;
import modelpatch.export.OnnxBatch.Logits;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;

/**
 * Compares an exported model with the engine, in every way that a user may run it: at once, in parts, side by side with padding. Files of others are run in the ways that they support. The engine runs
 * once, when this is made, and may be closed before the exported model is opened, so that the two need not be in memory together.
 */
public final class ParityCheck {
    private static final int[] NO_PREFIX = {};
    private static final int ONE_BY_ONE = 3;
    private static final int NEW_TOKENS = 12;

    private static final String CACHED = "cached";
    private static final String PADDED_LEFT = "padded left";
    private static final String PADDED_RIGHT = "padded right";

    private final List<int[]> prompts;
    private final List<float[][]> expected = new ArrayList<>();
    private final List<int[]> continuations;
    private final Acceptance acceptance;
    private final LengthClasses lengthClasses;

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
    ParityCheck(LanguageModel engine, List<int[]> prompts, Acceptance acceptance) {
        this.acceptance = acceptance;
        this.prompts = List.copyOf(prompts);
        this.lengthClasses = engine.layout().lengthClasses();
        prompts.forEach(prompt -> expected.add(engine.allLogits(NO_PREFIX, prompt)));
        this.continuations = engine.generate(NO_PREFIX, prompts, NEW_TOKENS, ids -> false);
    }

    /**
     * How near a model in ONNX Runtime comes to the engine, in the ways that its file supports.
     *
     * @param limit of the measure, up to which it passes
     */
    public Parity of(OnnxModel model, Parity.Measure measure, double limit) {
        OnnxAbilities abilities = model.abilities();
        Ways ways = new Ways(measure, model::batch);
        ways.whole();
        Map<String, String> unsupported = new LinkedHashMap<>();
        abilities
                .againstParts()
                .ifPresentOrElse(why -> unsupported.put(CACHED, why), () -> ways.cached(abilities.parts()));
        Optional<String> againstPadding = abilities.againstPadding();
        if (againstPadding.isEmpty()) {
            ways.padded(PADDED_LEFT);
            ways.padded(PADDED_RIGHT);
        } else {
            unsupported.put(PADDED_LEFT, againstPadding.get());
            unsupported.put(PADDED_RIGHT, againstPadding.get());
            if (abilities.sideBySide(false) != SideBySide.ALONE) {
                ways.equalLengths();
            }
        }
        return parity(model, measure, limit, ways.done, unsupported);
    }

    /** The same in every way that there is, for a file that is ours and has to support them all. */
    Parity ofEveryWay(OnnxModel model, Parity.Measure measure, double limit) {
        Ways ways = new Ways(measure, model::cached);
        ways.whole();
        ways.cached(Parts.ANY);
        ways.padded(PADDED_LEFT);
        ways.padded(PADDED_RIGHT);
        return parity(model, measure, limit, ways.done, Map.of());
    }

    private Parity parity(
            OnnxModel model,
            Parity.Measure measure,
            double limit,
            List<Parity.Way> ways,
            Map<String, String> unsupported) {
        List<int[]> found = model.generate(NO_PREFIX, prompts, NEW_TOKENS, ids -> false);
        int same = (int) IntStream.range(0, prompts.size())
                .filter(i -> Arrays.equals(found.get(i), continuations.get(i)))
                .count();
        return new Parity(
                measure, limit, ways, unsupported, same, prompts.size(), NEW_TOKENS, acceptance.broken(model));
    }

    /** Runs a file in one way after the other. */
    private final class Ways {
        private final Parity.Measure measure;
        private final IntFunction<OnnxBatch> batches;
        private final List<Parity.Way> done = new ArrayList<>();

        Ways(Parity.Measure measure, IntFunction<OnnxBatch> batches) {
            this.measure = measure;
            this.batches = batches;
        }

        void whole() {
            Differences differences = new Differences(measure);
            for (int i = 0; i < prompts.size(); i++) {
                try (OnnxBatch batch = batches.apply(1)) {
                    differences.add(batch.append(new int[][] {prompts.get(i)}), 0, 0, expected.get(i));
                }
            }
            done.add(differences.way("whole"));
        }

        /** The first half at once, then the rest at once, but for the last tokens, which come one by one; all but the half, where parts must. */
        void cached(Parts parts) {
            Differences differences = new Differences(measure);
            for (int i = 0; i < prompts.size(); i++) {
                int[] prompt = prompts.get(i);
                int half = prompt.length / 2;
                int singles = parts == Parts.ANY ? Math.max(half + 1, prompt.length - ONE_BY_ONE) : half + 1;
                int[] ends = IntStream.concat(IntStream.of(half), IntStream.rangeClosed(singles, prompt.length))
                        .toArray();
                int from = 0;
                try (OnnxBatch batch = batches.apply(1)) {
                    for (int to : ends) {
                        Logits logits = batch.append(new int[][] {Arrays.copyOfRange(prompt, from, to)});
                        if (turnsAlike(to, prompt)) {
                            differences.add(logits, 0, 0, Arrays.copyOfRange(expected.get(i), from, to));
                        }
                        from = to;
                    }
                }
            }
            done.add(differences.way(CACHED));
        }

        /** All prompts in one batch; a second call appends the last token of each, so that padding lies between kept tokens too. */
        void padded(String name) {
            Differences differences = new Differences(measure);
            int longest =
                    prompts.stream().mapToInt(prompt -> prompt.length - 1).max().orElseThrow();
            int[][] ids = new int[prompts.size()][longest];
            int[][] last = new int[prompts.size()][];
            int[] starts = new int[prompts.size()];
            for (int i = 0; i < ids.length; i++) {
                int[] prompt = prompts.get(i);
                int length = prompt.length - 1;
                starts[i] = name.equals(PADDED_LEFT) ? longest - length : 0;
                Arrays.fill(ids[i], OnnxBatch.NONE);
                System.arraycopy(prompt, 0, ids[i], starts[i], length);
                last[i] = new int[] {prompt[length]};
            }
            try (OnnxBatch batch = batches.apply(ids.length)) {
                Logits first = batch.append(ids);
                for (int i = 0; i < ids.length; i++) {
                    int length = prompts.get(i).length - 1;
                    if (turnsAlike(length, prompts.get(i))) {
                        differences.add(first, i, starts[i], Arrays.copyOf(expected.get(i), length));
                    }
                }
                Logits second = batch.append(last);
                for (int i = 0; i < ids.length; i++) {
                    float[][] rows = expected.get(i);
                    differences.add(second, i, 0, new float[][] {rows[rows.length - 1]});
                }
            }
            done.add(differences.way(name));
        }

        /** All prompts in one batch, as far as the shortest goes: what comes later changes no logits before it. */
        void equalLengths() {
            Differences differences = new Differences(measure);
            int shortest =
                    prompts.stream().mapToInt(prompt -> prompt.length).min().orElseThrow();
            try (OnnxBatch batch = batches.apply(prompts.size())) {
                Logits logits = batch.append(prompts.stream()
                        .map(prompt -> Arrays.copyOf(prompt, shortest))
                        .toArray(int[][]::new));
                for (int i = 0; i < prompts.size(); i++) {
                    if (turnsAlike(shortest, prompts.get(i))) {
                        differences.add(logits, i, 0, Arrays.copyOf(expected.get(i), shortest));
                    }
                }
            }
            done.add(differences.way("equal lengths"));
        }
    }

    /** Whether the engine's numbers of a whole prompt hold for its beginning too. */
    private boolean turnsAlike(int length, int[] prompt) {
        return lengthClasses.of(length) == lengthClasses.of(prompt.length);
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

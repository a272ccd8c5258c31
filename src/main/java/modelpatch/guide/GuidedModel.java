package modelpatch.guide;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;
import modelpatch.model.OpenRun;
import modelpatch.model.TokenIds;
import modelpatch.tokenizer.Tokenizer;

/**
 * A target that a guider and its base pull along. All three read the same text with keys and values of their own; none is changed. Text, token
 * ids and logits are the target's.
 */
public final class GuidedModel implements AnswerModel {
    private static final int[] NO_PREFIX = {};
    private static final int BATCH = 32;

    private final LanguageModel target;
    private final LanguageModel guider;
    private final LanguageModel base;
    private final TokenMap map;
    private final Strength strength;

    private GuidedModel(
            LanguageModel target, LanguageModel guider, LanguageModel base, TokenMap map, Strength strength) {
        this.target = target;
        this.guider = guider;
        this.base = base;
        this.map = map;
        this.strength = strength;
    }

    /**
     * A guided target. All models stay the caller's and must stay open; the guider may be a view of its base, and the base the target itself.
     *
     * @param mapsTokens whether vocabularies may differ; tokens are then mapped by how they are spelled
     * @throws modelpatch.BadInput where the guider's vocabulary is not the target's, or its base's not its own
     */
    public static GuidedModel of(
            LanguageModel target, LanguageModel guider, LanguageModel base, Strength strength, boolean mapsTokens) {
        TokenMap.identity(guider, base);
        TokenMap map = mapsTokens
                ? TokenMap.byText(target.tokenizer(), guider.tokenizer())
                : TokenMap.identity(target, guider);
        return new GuidedModel(target, guider, base, map, strength);
    }

    @Override
    public Tokenizer tokenizer() {
        return target.tokenizer();
    }

    @Override
    public int contextLength() {
        return Math.min(target.contextLength(), Math.min(guider.contextLength(), base.contextLength()));
    }

    @Override
    public Set<Integer> endTokens() {
        return target.endTokens();
    }

    @Override
    public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
        List<int[]> read = read(prefix, prompts);
        List<float[]> targets = target.nextLogits(prefix, prompts);
        List<float[]> guiders = guider.nextLogits(before(prefix), read);
        List<float[]> bases = base.nextLogits(before(prefix), read);
        return IntStream.range(0, prompts.size())
                .mapToObj(i -> combined(targets.get(i), guiders.get(i), bases.get(i), 0))
                .toList();
    }

    /** What the guider reads before every prompt: text of another vocabulary has no beginning of its own. */
    private int[] before(int[] prefix) {
        return map.isIdentity() ? prefix : NO_PREFIX;
    }

    /** Prompts as the guider reads them, behind what stands before every one. */
    private List<int[]> read(int[] prefix, List<int[]> prompts) {
        return map.isIdentity()
                ? prompts
                : prompts.stream()
                        .map(prompt -> map.prompt(TokenIds.joined(prefix, prompt), target, guider))
                        .toList();
    }

    private float[] combined(float[] ofTarget, float[] ofGuider, float[] ofBase, int generated) {
        return LogitArithmetic.combined(ofTarget, ofGuider, ofBase, map, strength.at(generated, ofTarget));
    }

    @Override
    public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
        List<int[]> read = read(prefix, prompts);
        List<double[]> all = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int[] continuation = continuations.get(i);
            int[] mapped = Arrays.stream(continuation).map(map::read).toArray();
            int last = prompts.get(i).length - 1;
            float[][] targets = target.allLogits(prefix, TokenIds.joined(prompts.get(i), continuation));
            float[][] guiders = guider.allLogits(before(prefix), TokenIds.joined(read.get(i), mapped));
            float[][] bases = base.allLogits(before(prefix), TokenIds.joined(read.get(i), mapped));
            int lastRead = read.get(i).length - 1;
            double[] log = new double[continuation.length];
            for (int t = 0; t < log.length; t++) {
                float[] logits = combined(targets[last + t], guiders[lastRead + t], bases[lastRead + t], t);
                log[t] = logits[continuation[t]] - NextToken.logSumExp(logits);
            }
            all.add(log);
        }
        return all;
    }

    @Override
    public float[][] allLogits(int[] prefix, int[] prompt) {
        if (!map.isIdentity()) {
            return AnswerModel.super.allLogits(prefix, prompt);
        }
        float[][] targets = target.allLogits(prefix, prompt);
        float[][] guiders = guider.allLogits(prefix, prompt);
        float[][] bases = base.allLogits(prefix, prompt);
        return IntStream.range(0, prompt.length)
                .mapToObj(i -> combined(targets[i], guiders[i], bases[i], 0))
                .toArray(float[][]::new);
    }

    @Override
    public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
        return generate(prefix, prompts, maxNewTokens, stop, new Choice.Greedy());
    }

    /** As {@link #generate(int[], List, int, Predicate)}, each token chosen by {@code choice}. */
    public List<int[]> generate(
            int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop, Choice choice) {
        List<int[]> written = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += BATCH) {
            List<int[]> some = prompts.subList(from, Math.min(prompts.size(), from + BATCH));
            written.addAll(batch(prefix, some, maxNewTokens, stop, choice));
        }
        return written;
    }

    private List<int[]> batch(
            int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop, Choice choice) {
        List<int[]> read = read(prefix, prompts);
        int[][] written = new int[prompts.size()][0];
        boolean[] over = new boolean[prompts.size()];
        try (OpenRun ofTarget = target.open(prefix, prompts);
                OpenRun ofGuider = guider.open(before(prefix), read);
                OpenRun ofBase = base.open(before(prefix), read)) {
            for (int step = 0; step < maxNewTokens && !all(over); step++) {
                float[][] targets = ofTarget.logits();
                float[][] guiders = ofGuider.logits();
                float[][] bases = ofBase.logits();
                int[] next = new int[over.length];
                int[] nextRead = new int[over.length];
                Arrays.fill(next, OpenRun.LEAVES);
                Arrays.fill(nextRead, OpenRun.LEAVES);
                for (int i = 0; i < over.length; i++) {
                    if (!over[i]) {
                        int id = choice.of(combined(targets[i], guiders[i], bases[i], step));
                        written[i] = TokenIds.joined(written[i], id);
                        over[i] = stop.test(written[i]);
                        next[i] = over[i] ? OpenRun.LEAVES : id;
                        nextRead[i] = over[i] ? OpenRun.LEAVES : map.read(id);
                    }
                }
                ofTarget.goOn(next);
                ofGuider.goOn(nextRead);
                ofBase.goOn(nextRead);
            }
        }
        return List.of(written);
    }

    private static boolean all(boolean[] over) {
        return IntStream.range(0, over.length).allMatch(i -> over[i]);
    }
}

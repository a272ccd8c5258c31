package modelpatch.remedy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import modelpatch.model.AnswerModel;
import modelpatch.model.TokenIds;

/**
 * A model that is asked something else than what was asked. What it answers to the new prompt is the answer; texts as a whole, such as those that
 * drift is measured on, are left as they are.
 */
final class Rephrased extends Beside {
    /** New prompts for old ones, in their order; whole sequences of token ids. */
    @FunctionalInterface
    interface Rewriting {
        List<int[]> of(List<int[]> prompts);
    }

    private final AnswerModel model;
    private final Rewriting rewriting;

    Rephrased(AnswerModel model, Rewriting rewriting) {
        super(model);
        this.model = model;
        this.rewriting = rewriting;
    }

    /**
     * Prompts with what they share.
     *
     * @param prefix before every prompt
     */
    private record Parted(int[] prefix, List<int[]> prompts) {}

    /** Rewrites whole sequences and keeps as much of the prefix apart as all of them still begin with. */
    private Parted rewritten(int[] prefix, List<int[]> prompts) {
        List<int[]> whole = rewriting.of(
                prompts.stream().map(prompt -> TokenIds.joined(prefix, prompt)).toList());
        int shared = prefix.length;
        for (int[] ids : whole) {
            int mismatch = Arrays.mismatch(prefix, ids);
            shared = Math.min(shared, Math.min(mismatch < 0 ? prefix.length : mismatch, ids.length - 1));
        }
        int kept = Math.max(0, shared);
        List<int[]> own = new ArrayList<>();
        whole.forEach(ids -> own.add(Arrays.copyOfRange(ids, kept, ids.length)));
        return new Parted(Arrays.copyOf(prefix, kept), own);
    }

    @Override
    public List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop) {
        Parted parted = rewritten(prefix, prompts);
        return model.generate(parted.prefix(), parted.prompts(), maxNewTokens, stop);
    }

    @Override
    public List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations) {
        Parted parted = rewritten(prefix, prompts);
        return model.logProbabilities(parted.prefix(), parted.prompts(), continuations);
    }

    @Override
    public List<float[]> nextLogits(int[] prefix, List<int[]> prompts) {
        Parted parted = rewritten(prefix, prompts);
        return model.nextLogits(parted.prefix(), parted.prompts());
    }
}

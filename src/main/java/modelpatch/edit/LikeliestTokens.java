package modelpatch.edit;

import java.util.List;
import java.util.stream.IntStream;
import modelpatch.model.LanguageModel;
import modelpatch.model.NextToken;

/**
 * What a model would say first to the prompts of an edit. It needs no labels: a composition is repaired when it says what its guide said, and a
 * protected prompt is kept when it says what it said.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record LikeliestTokens(int[] compositions, int[] guides, int[] held) {
    /** Prompts asked at once: bounds the logits that lie side by side. */
    private static final int BATCH = 64;

    static LikeliestTokens of(LanguageModel model, EditPrompts.Encoded prompts) {
        return new LikeliestTokens(
                of(model, prompts.prefix(), prompts.ids().get(Role.EDIT)),
                of(model, prompts.prefix(), prompts.ids().get(Role.GUIDE)),
                of(model, prompts.prefix(), prompts.ids().get(Role.PROTECTED)));
    }

    private static int[] of(LanguageModel model, int[] prefix, List<int[]> prompts) {
        int[] tokens = new int[prompts.size()];
        for (int from = 0; from < tokens.length; from += BATCH) {
            List<float[]> logits =
                    model.nextLogits(prefix, prompts.subList(from, Math.min(tokens.length, from + BATCH)));
            for (int i = 0; i < logits.size(); i++) {
                tokens[from + i] = NextToken.argmax(logits.get(i));
            }
        }
        return tokens;
    }

    /** The weights of the next round, where these are the unedited model's tokens. */
    RowWeights missedBy(LikeliestTokens edited, RowWeights weights) {
        return weights.after(agreements(guides, edited.compositions), agreements(held, edited.held));
    }

    private static boolean[] agreements(int[] wanted, int[] found) {
        boolean[] agree = new boolean[wanted.length];
        IntStream.range(0, wanted.length).forEach(i -> agree[i] = wanted[i] == found[i]);
        return agree;
    }
}

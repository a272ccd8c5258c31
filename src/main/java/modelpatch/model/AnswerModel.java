package modelpatch.model;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import modelpatch.tokenizer.Tokenizer;

/** What an evaluation needs of a model, be it the engine or an exported file. Token ids in, token ids and numbers out. */
public interface AnswerModel {

    Tokenizer tokenizer();

    /** The longest sequence, prefix and new tokens counted. */
    int contextLength();

    /** The tokens that end a text or a turn, by all that the model's files say; empty where none says it. */
    Set<Integer> endTokens();

    /**
     * Greedy continuations; of equal logits the lower id wins.
     *
     * @param prefix tokens before every prompt, possibly none
     * @param prompts token ids; prefix and prompt together hold at least one
     * @param maxNewTokens how many tokens a continuation may have
     * @param stop whether a continuation, as far as it goes, is finished
     * @return the new ids, by prompt
     */
    List<int[]> generate(int[] prefix, List<int[]> prompts, int maxNewTokens, Predicate<int[]> stop);

    /**
     * As {@link #generate(int[], List, int, Predicate)}, sooner where a guess is right.
     *
     * @param drafts by prompt what it may say, such as what another model said; empty for no guess
     */
    default List<int[]> generate(
            int[] prefix, List<int[]> prompts, List<int[]> drafts, int maxNewTokens, Predicate<int[]> stop) {
        return generate(prefix, prompts, maxNewTokens, stop);
    }

    /**
     * Natural log-probability of each token of a continuation given everything before it.
     *
     * @return by prompt, [continuation length]
     */
    List<double[]> logProbabilities(int[] prefix, List<int[]> prompts, List<int[]> continuations);

    /** Logits of the token after each prompt, [d_vocab]. */
    List<float[]> nextLogits(int[] prefix, List<int[]> prompts);

    /** Logits at every position of a prompt, [position][d_vocab]; each beginning of it is asked for by itself where a model knows no better. */
    default float[][] allLogits(int[] prefix, int[] prompt) {
        List<int[]> beginnings = IntStream.rangeClosed(1, prompt.length)
                .mapToObj(length -> Arrays.copyOf(prompt, length))
                .toList();
        return nextLogits(prefix, beginnings).toArray(float[][]::new);
    }
}

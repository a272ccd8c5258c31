package modelpatch.evaluate;

/**
 * How likely an answer is as a continuation. Of several accepted names the likeliest counts.
 *
 * @param name the accepted name that counts, as it was put after the prompt
 * @param tokens how many tokens it has
 * @param logProbability natural logarithm of the probability of all its tokens in a row
 * @param perToken {@code logProbability / tokens}
 * @param rank 1 + how many rivals have a greater {@code logProbability}
 * @param candidates the answer and its rivals: how many could have taken the first rank
 * @param firstTokenRank rank of the name's first token among the whole vocabulary, from 1
 * @param promptChanged true where the vocabulary joins the end of the prompt with the answer or a rival: then all of them are scored from
 *     the last token that none of them changes, so that {@code tokens}, {@code logProbability} and {@code firstTokenRank} cover the end of
 *     the prompt too
 */
public record Likelihood(
        String name,
        int tokens,
        double logProbability,
        double perToken,
        int rank,
        int candidates,
        int firstTokenRank,
        boolean promptChanged) {}

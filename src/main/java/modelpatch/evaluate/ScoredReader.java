package modelpatch.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import modelpatch.evaluate.PromptEncoder.Continued;
import modelpatch.model.AnswerModel;
import modelpatch.model.NextToken;

/** Log-probabilities of whole answers, and their rank among rivals. */
final class ScoredReader {
    /** Above the rounding between two ways to compute one probability, below any difference that matters. */
    private static final double ROUNDING = 1e-3;

    private final AnswerModel model;
    private final PromptEncoder encoder;

    ScoredReader(AnswerModel model, Protocol protocol) {
        this.model = model;
        this.encoder = new PromptEncoder(model, protocol.frame());
    }

    /**
     * The scores of one batch of questions.
     *
     * <p>A name is at most as likely as its first token. So only the rivals whose first token is at least as likely as the whole answer are
     * scored in full; the rank is exact all the same.
     */
    List<Scored> read(List<Question> questions) {
        List<Contest> contests = questions.stream().map(this::contest).toList();
        List<int[]> prompts =
                contests.stream().map(contest -> contest.encoded.prompt()).toList();
        int[] prefix = encoder.shared(prompts);
        List<float[]> logits = model.nextLogits(prefix, PromptEncoder.without(prefix, prompts));
        for (int i = 0; i < contests.size(); i++) {
            contests.get(i).readFirstTokens(logits.get(i));
        }
        complete(contests, prefix, Contest::unscoredAnswers);
        complete(contests, prefix, Contest::unscoredRivals);
        return contests.stream().map(Contest::result).toList();
    }

    private Contest contest(Question question) {
        List<String> names = new ArrayList<>(question.spoken());
        names.addAll(question.rivals());
        return new Contest(question, names, encoder.encode(question.prompt(), names));
    }

    /** Replaces the bounds of the chosen candidates by their log-probabilities. */
    private void complete(List<Contest> contests, int[] prefix, Function<Contest, List<Integer>> choice) {
        List<Contest> owners = new ArrayList<>();
        List<Integer> candidates = new ArrayList<>();
        List<int[]> prompts = new ArrayList<>();
        List<int[]> continuations = new ArrayList<>();
        for (Contest contest : contests) {
            for (int candidate : choice.apply(contest)) {
                owners.add(contest);
                candidates.add(candidate);
                prompts.add(contest.encoded.prompt());
                continuations.add(contest.encoded.answers().get(candidate));
            }
        }
        if (prompts.isEmpty()) {
            return;
        }
        List<double[]> scored = model.logProbabilities(prefix, PromptEncoder.without(prefix, prompts), continuations);
        for (int i = 0; i < owners.size(); i++) {
            owners.get(i).logProbability[candidates.get(i)] =
                    Arrays.stream(scored.get(i)).sum();
        }
    }

    /**
     * A question's score and who won.
     *
     * @param winner the likeliest of answer and rivals
     */
    record Scored(Likelihood score, String winner) {}

    /** One question while it is scored: first the accepted names, then the rivals. */
    private static final class Contest {
        private final Question question;
        private final List<String> names;
        private final Continued encoded;
        /** By candidate: of the first token until the whole is known. */
        private final double[] logProbability;

        private final int[] firstTokenRank;

        Contest(Question question, List<String> names, Continued encoded) {
            this.question = question;
            this.names = names;
            this.encoded = encoded;
            this.logProbability = new double[names.size()];
            this.firstTokenRank = new int[names.size()];
        }

        /** Reads first tokens from logits, [dVocab]. */
        void readFirstTokens(float[] logits) {
            double logSum = NextToken.logSumExp(logits);
            for (int i = 0; i < names.size(); i++) {
                int token = encoded.answers().get(i)[0];
                logProbability[i] = logits[token] - logSum;
                firstTokenRank[i] = NextToken.rank(logits, token);
            }
        }

        List<Integer> unscoredAnswers() {
            return unscored(0, question.spoken().size(), Double.NEGATIVE_INFINITY);
        }

        List<Integer> unscoredRivals() {
            return unscored(question.spoken().size(), names.size(), logProbability[bestAnswer()] - ROUNDING);
        }

        private List<Integer> unscored(int from, int to, double least) {
            List<Integer> longer = new ArrayList<>();
            for (int i = from; i < to; i++) {
                if (encoded.answers().get(i).length > 1 && logProbability[i] >= least) {
                    longer.add(i);
                }
            }
            return longer;
        }

        private int bestAnswer() {
            int best = 0;
            for (int i = 1; i < question.spoken().size(); i++) {
                best = logProbability[i] > logProbability[best] ? i : best;
            }
            return best;
        }

        Scored result() {
            int best = bestAnswer();
            int winner = best;
            int greater = 0;
            for (int i = question.spoken().size(); i < names.size(); i++) {
                greater += logProbability[i] > logProbability[best] ? 1 : 0;
                winner = logProbability[i] > logProbability[winner] ? i : winner;
            }
            int tokens = encoded.answers().get(best).length;
            Likelihood score = new Likelihood(
                    names.get(best),
                    tokens,
                    logProbability[best],
                    logProbability[best] / tokens,
                    1 + greater,
                    1 + question.rivals().size(),
                    firstTokenRank[best],
                    encoded.promptChanged());
            return new Scored(score, names.get(winner));
        }
    }
}

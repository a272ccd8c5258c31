package modelpatch.evaluate;

/** Probabilities and ranks from logits, summed in double. */
final class LogSoftmax {
    private LogSoftmax() {}

    /** log Σ exp(logit), [dVocab]; not modified. */
    static double logSumExp(float[] logits) {
        double max = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            max = Math.max(max, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        return max + Math.log(sum);
    }

    /** 1 + how many tokens have a greater logit. */
    static int rank(float[] logits, int token) {
        int greater = 0;
        for (float logit : logits) {
            greater += logit > logits[token] ? 1 : 0;
        }
        return 1 + greater;
    }
}

package modelpatch.model;

/**
 * What a run says about chosen tokens at its last position.
 *
 * @param logits of the chosen tokens, in their order
 * @param logSumExp of the whole vocabulary's logits, in double; NaN where it was not asked for
 * @param greatest of the whole vocabulary's logits; NaN where it was not asked for
 */
public record Readout(double[] logits, double logSumExp, double greatest) {
    /** Where nobody asks which token is the likeliest. */
    public Readout(double[] logits, double logSumExp) {
        this(logits, logSumExp, Double.NaN);
    }

    /** Whether the i-th chosen token is the likeliest of all, alone or with others. */
    public boolean isLikeliest(int i) {
        return logits[i] >= greatest;
    }

    /** Natural log-probability of the i-th chosen token. */
    double logProbability(int i) {
        return logits[i] - logSumExp;
    }

    public double probability(int i) {
        return Math.exp(logProbability(i));
    }

    /** log p - log(1 - p) of the i-th chosen token. */
    public double logOdds(int i) {
        double logP = logProbability(i);
        return logP - Math.log(-Math.expm1(Math.min(logP, -1e-12)));
    }
}

package modelpatch.model;

/** Arithmetic on next-token logits, in double. */
public final class NextToken {
    private NextToken() {}

    /** log of the sum of exponentials, maximum first. */
    public static double logSumExp(float[] logits) {
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

    /** Natural log-probabilities of all tokens. */
    public static double[] logSoftmax(float[] logits) {
        double total = logSumExp(logits);
        double[] result = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            result[i] = logits[i] - total;
        }
        return result;
    }

    /**
     * KL(p || q) in nats of the distributions that two rows of logits stand for.
     *
     * @param totalOfP {@link #logSumExp} of p
     * @param totalOfQ the same of q
     */
    public static double divergence(float[] p, double totalOfP, float[] q, double totalOfQ) {
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            double logP = p[i] - totalOfP;
            sum += Math.exp(logP) * (logP - (q[i] - totalOfQ));
        }
        return sum;
    }

    /** The id with the largest logit; of equal ones the lowest. */
    public static int argmax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    /** 1 + how many tokens have a greater logit. */
    public static int rank(float[] logits, int id) {
        int greater = 0;
        for (float logit : logits) {
            if (logit > logits[id]) {
                greater++;
            }
        }
        return greater + 1;
    }

    /** The ids of the largest logits, largest first; of equal ones the lower id first. */
    public static int[] top(float[] logits, int count) {
        return java.util.stream.IntStream.range(0, logits.length)
                .boxed()
                .sorted(java.util.Comparator.<Integer>comparingDouble(i -> -logits[i])
                        .thenComparing(i -> i))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }
}

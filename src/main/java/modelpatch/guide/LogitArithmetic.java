package modelpatch.guide;

/**
 * l = l_target + alpha (log p_guider - log p_base), over the tokens that all have (proxy-tuning, Liu et al. 2024; ThinkLogit, arXiv 2507.12759).
 * Log-probabilities over the common tokens stand for the guider's and its base's logits: raw logits carry a constant of their own each, by
 * which tokens that the guider lacks would be favoured or suppressed.
 */
final class LogitArithmetic {
    private LogitArithmetic() {}

    /**
     * The target's logits, shifted.
     *
     * @param target [d_vocab of the target]; not modified
     * @param guider [d_vocab of the guider]; not modified
     * @param base of the guider, [d_vocab of the guider]; not modified
     * @return new; the target's own numbers, bit for bit, where alpha is 0 or the guider says what its base says
     */
    static float[] combined(float[] target, float[] guider, float[] base, TokenMap map, double alpha) {
        float[] shifted = target.clone();
        if (alpha == 0) {
            return shifted;
        }
        int[] common = map.common();
        double guiderTotal = logSumExp(guider, common, map);
        double baseTotal = logSumExp(base, common, map);
        for (int id : common) {
            int other = map.guiderId(id);
            double delta = (guider[other] - guiderTotal) - (base[other] - baseTotal);
            if (delta != 0) {
                shifted[id] = (float) (target[id] + alpha * delta);
            }
        }
        return shifted;
    }

    private static double logSumExp(float[] logits, int[] common, TokenMap map) {
        double max = Double.NEGATIVE_INFINITY;
        for (int id : common) {
            max = Math.max(max, logits[map.guiderId(id)]);
        }
        double sum = 0;
        for (int id : common) {
            sum += Math.exp(logits[map.guiderId(id)] - max);
        }
        return max + Math.log(sum);
    }
}

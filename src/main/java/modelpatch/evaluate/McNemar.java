package modelpatch.evaluate;

/**
 * McNemar's exact test on a paired comparison: were the items that changed as likely to improve as to worsen?
 *
 * <p>Under the null hypothesis the number that improved is Binomial(n10 + n01, 1/2); the two-sided p-value is
 * min(1, 2 P(X ≤ min(n10, n01))) (McNemar 1947, Psychometrika 12, 153-157, in its exact binomial form). Items that did not change say nothing.
 *
 * @param worsened n10, right before and wrong after
 * @param improved n01, wrong before and right after
 * @param pValue two-sided; 1 where nothing changed
 */
public record McNemar(long worsened, long improved, double pValue) {
    public static McNemar exact(long worsened, long improved) {
        if (worsened < 0 || improved < 0) {
            throw new IllegalArgumentException("negative counts: " + worsened + " worsened, " + improved + " improved");
        }
        long n = worsened + improved;
        long least = Math.min(worsened, improved);
        if (2 * least == n) {
            return new McNemar(worsened, improved, 1);
        }
        return new McNemar(worsened, improved, Math.min(1, 2 * Math.exp(logLowerTail(n, least))));
    }

    /** log P(X ≤ k) for X ~ Binomial(n, 1/2) and 2k &lt; n. */
    private static double logLowerTail(long n, long k) {
        // From the largest term downwards, C(n, i-1) = C(n, i) i / (n-i+1): each ratio is below 1, so the sum relative
        // to its first
        // term cannot overflow, and terms below the last bit of the sum end it.
        double sum = 1;
        double term = 1;
        for (long i = k; i > 0 && term > sum * 1e-17; i--) {
            term *= (double) i / (n - i + 1);
            sum += term;
        }
        return logBinomial(n, k) - n * Math.log(2) + Math.log(sum);
    }

    /** log C(n, k) = Σ_{i=1..k} log((n-k+i) / i), with the rounding error carried along (Kahan), as k may be millions. */
    private static double logBinomial(long n, long k) {
        double sum = 0;
        double lost = 0;
        for (long i = 1; i <= k; i++) {
            double term = Math.log((double) (n - k + i) / i) - lost;
            double next = sum + term;
            lost = (next - sum) - term;
            sum = next;
        }
        return sum;
    }
}

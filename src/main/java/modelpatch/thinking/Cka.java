package modelpatch.thinking;

import java.util.OptionalDouble;

/**
 * Centred kernel alignment of two representations of the same items with linear kernels K = X Xᵀ, L = Y Yᵀ (Cortes et al. 2012; Kornblith et al.
 * 2019). In double.
 *
 * <p>Biased: ‖Ycᵀ Xc‖² / (‖Xcᵀ Xc‖ ‖Ycᵀ Yc‖) = tr(KHLH) / √(tr(KHKH) tr(LHLH)). With few items it nears 1 for features that have nothing to do with
 * each other: for independent Gaussians about d / (d + n). Debiased: HSIC₁(K, L) / √(HSIC₁(K, K) HSIC₁(L, L)) (Song et al. 2012), about 0 for these.
 */
public final class Cka {
    /** A kernel that is this much smaller after centring than before is one of a constant, up to rounding. */
    private static final double CONSTANT = 1e-12;

    private Cka() {}

    /** A kernel with its columns' means taken out of the features, [n][n], and its size before that. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Kernel(double[][] values, double scale) {
        /** Of features, [n][d]. */
        static Kernel of(double[][] features) {
            int n = features.length;
            double scale = 0;
            double[][] centred = new double[n][];
            double[] mean = new double[n == 0 ? 0 : features[0].length];
            for (double[] row : features) {
                for (int j = 0; j < mean.length; j++) {
                    mean[j] += row[j] / n;
                    scale = Math.max(scale, row[j] * row[j]);
                }
            }
            for (int i = 0; i < n; i++) {
                centred[i] = new double[mean.length];
                for (int j = 0; j < mean.length; j++) {
                    centred[i][j] = features[i][j] - mean[j];
                }
            }
            double[][] values = new double[n][n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    double sum = 0;
                    for (int k = 0; k < mean.length; k++) {
                        sum += centred[i][k] * centred[j][k];
                    }
                    values[i][j] = sum;
                    values[j][i] = sum;
                }
            }
            return new Kernel(values, scale * mean.length);
        }

        /** The kernel of some of the items, in their order. */
        Kernel of(int[] items) {
            double[][] some = new double[items.length][items.length];
            for (int i = 0; i < items.length; i++) {
                for (int j = 0; j < items.length; j++) {
                    some[i][j] = values[items[i]][items[j]];
                }
            }
            return new Kernel(some, scale);
        }

        /** Whether every item has the same features. */
        boolean constant() {
            double most = 0;
            for (int i = 0; i < values.length; i++) {
                most = Math.max(most, values[i][i]);
            }
            return most <= CONSTANT * scale;
        }
    }

    /** Debiased; empty for fewer than four items, and where a representation is constant or has no spread that this can see. */
    public static OptionalDouble debiased(double[][] x, double[][] y) {
        return debiased(Kernel.of(x), Kernel.of(y));
    }

    static OptionalDouble debiased(Kernel k, Kernel l) {
        if (k.values().length < 4 || k.constant() || l.constant()) {
            return OptionalDouble.empty();
        }
        return ratio(hsic(k.values(), l.values()), hsic(k.values(), k.values()), hsic(l.values(), l.values()));
    }

    /** Biased; empty where a representation is constant. */
    public static OptionalDouble biased(double[][] x, double[][] y) {
        return biased(Kernel.of(x), Kernel.of(y));
    }

    static OptionalDouble biased(Kernel k, Kernel l) {
        if (k.constant() || l.constant()) {
            return OptionalDouble.empty();
        }
        double[][] a = centred(k.values());
        double[][] b = centred(l.values());
        return ratio(inner(a, b), inner(a, a), inner(b, b));
    }

    private static OptionalDouble ratio(double both, double first, double second) {
        return first > 0 && second > 0
                ? OptionalDouble.of(both / Math.sqrt(first) / Math.sqrt(second))
                : OptionalDouble.empty();
    }

    /** H K H. */
    private static double[][] centred(double[][] k) {
        int n = k.length;
        double[] rows = new double[n];
        double all = 0;
        for (int i = 0; i < n; i++) {
            for (double value : k[i]) {
                rows[i] += value / n;
            }
            all += rows[i] / n;
        }
        double[][] centred = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                centred[i][j] = k[i][j] - rows[i] - rows[j] + all;
            }
        }
        return centred;
    }

    private static double inner(double[][] a, double[][] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a.length; j++) {
                sum += a[i][j] * b[i][j];
            }
        }
        return sum;
    }

    /**
     * HSIC₁ = [Σ K̃∘L̃ + ΣK̃ ΣL̃ / ((n-1)(n-2)) - 2/(n-2) Σᵢ (K̃1)ᵢ (L̃1)ᵢ] / (n (n-3)), the diagonals of K̃ and L̃ being 0 (Song et al. 2012, JMLR 13,
     * 1393-1434, equation 5).
     */
    static double hsic(double[][] k, double[][] l) {
        int n = k.length;
        double product = 0;
        double sumK = 0;
        double sumL = 0;
        double rows = 0;
        for (int i = 0; i < n; i++) {
            double rowK = 0;
            double rowL = 0;
            for (int j = 0; j < n; j++) {
                if (i != j) {
                    product += k[i][j] * l[i][j];
                    rowK += k[i][j];
                    rowL += l[i][j];
                }
            }
            sumK += rowK;
            sumL += rowL;
            rows += rowK * rowL;
        }
        double m = n;
        return (product + sumK * sumL / ((m - 1) * (m - 2)) - 2 / (m - 2) * rows) / (m * (m - 3));
    }
}

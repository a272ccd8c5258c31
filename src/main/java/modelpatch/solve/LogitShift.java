package modelpatch.solve;

import java.util.Arrays;
import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Moves the residual stream h so that logits W_U h of chosen tokens change: the causal test of whether an implicit result is used. With
 * W = W_U [d_vocab, d_model] and G = W^T W, a change of h costs |W dh|^2 = dh^T G dh over all logits. The CREME paper (arXiv 2402.14328)
 * takes the least-squares preimage G^-1 W^T of a change of single logits and so realises only a part of it; {@link #exactly} solves for the
 * change that is asked and disturbs all other logits least.
 *
 * <p>Immutable; all arithmetic in double.
 */
public final class LogitShift {
    private final float[] unembedding;
    private final int width;
    private final LinearSolverDense<DMatrixRMaj> gram;

    private LogitShift(float[] unembedding, int width, LinearSolverDense<DMatrixRMaj> gram) {
        this.unembedding = unembedding;
        this.width = width;
        this.gram = gram;
    }

    /**
     * Prepares shifts; sums G over the vocabulary and factorises it once.
     *
     * @param unembedding W_U [d_vocab, d_model] row-major; kept, not modified
     * @param width d_model
     * @throws BadInput when G is singular, so that some direction of the residual stream has no logit
     */
    public static LogitShift of(float[] unembedding, int width) {
        if (unembedding.length % width != 0) {
            throw new IllegalArgumentException(unembedding.length + " numbers of W_U do not fit a width of " + width);
        }
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(width);
        if (!solver.setA(gram(unembedding, width))) {
            throw new BadInput(
                    "unembedding has dependent columns",
                    "W_U^T W_U",
                    "a positive definite matrix of n = " + width,
                    "a singular one",
                    "use an unembedding of full column rank");
        }
        return new LogitShift(unembedding, width, solver);
    }

    private static DMatrixRMaj gram(float[] unembedding, int width) {
        double[] gram = new double[width * width];
        for (int start = 0; start < unembedding.length; start += width) {
            for (int i = 0; i < width; i++) {
                double w = unembedding[start + i];
                for (int j = 0; j <= i; j++) {
                    gram[i * width + j] += w * unembedding[start + j];
                }
            }
        }
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < i; j++) {
                gram[j * width + i] = gram[i * width + j];
            }
        }
        return new DMatrixRMaj(width, width, true, gram);
    }

    /** W_U h, [d_vocab]. */
    public double[] logits(double[] residual) {
        double[] logits = new double[unembedding.length / width];
        for (int token = 0; token < logits.length; token++) {
            logits[token] = logit(residual, token);
        }
        return logits;
    }

    private double logit(double[] residual, int token) {
        double sum = 0;
        for (int i = 0; i < width; i++) {
            sum += (double) unembedding[token * width + i] * residual[i];
        }
        return sum;
    }

    /**
     * The change of h that moves the given logits by exactly {@code changes} and all logits together least:
     * G^-1 W_S^T (W_S G^-1 W_S^T)^-1 t.
     *
     * @throws BadInput when the tokens' unembeddings are linearly dependent
     */
    public double[] exactly(int[] tokens, double[] changes) {
        DMatrixRMaj rows = rows(tokens);
        DMatrixRMaj dual = new DMatrixRMaj(width, tokens.length);
        gram.solve(CommonOps_DDRM.transpose(rows, null), dual);
        return constrained(rows, dual, tokens, changes);
    }

    private double[] constrained(DMatrixRMaj rows, DMatrixRMaj dual, int[] tokens, double[] changes) {
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(tokens.length);
        boolean independent = solver.setA(CommonOps_DDRM.mult(rows, dual, null)) && solver.quality() > 1e-12;
        if (!independent) {
            throw new BadInput(
                    "logits cannot be moved one by one",
                    "tokens " + Arrays.toString(tokens),
                    "linearly independent unembeddings",
                    "dependent ones",
                    "name every token once");
        }
        DMatrixRMaj weights = new DMatrixRMaj(tokens.length, 1);
        solver.solve(new DMatrixRMaj(changes.length, 1, true, changes.clone()), weights);
        return CommonOps_DDRM.mult(dual, weights, null).data;
    }

    /** W_S, [tokens, d_model]. */
    private DMatrixRMaj rows(int[] tokens) {
        DMatrixRMaj rows = new DMatrixRMaj(tokens.length, width);
        for (int s = 0; s < tokens.length; s++) {
            for (int i = 0; i < width; i++) {
                rows.set(s, i, unembedding[tokens[s] * width + i]);
            }
        }
        return rows;
    }
}

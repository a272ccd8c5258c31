package modelpatch.solve;

import java.util.Arrays;
import modelpatch.BadInput;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * Moves the residual stream h so that logits W_U h of chosen tokens change: the causal test of whether the implicit result is used. With
 * W = W_U [d_vocab, d_model], G = W^T W and A = G^-1 W^T the least-squares preimage of a change of logits is A delta, and what it really
 * changes is P delta with the projector P = W A of trace d_model. The CREME paper (arXiv 2402.14328) applies A delta and so realises only
 * the share P_kk of what it asks for; {@link #exactly} solves for the change that is asked and disturbs all other logits least.
 *
 * <p>Immutable; all arithmetic in double.
 */
public final class ImplicitResultIntervention {
    private final float[] unembedding;
    private final int width;
    private final LinearSolverDense<DMatrixRMaj> gram;

    private ImplicitResultIntervention(float[] unembedding, int width, LinearSolverDense<DMatrixRMaj> gram) {
        this.unembedding = unembedding;
        this.width = width;
        this.gram = gram;
    }

    /**
     * Prepares interventions; sums G over the vocabulary and factorises it once.
     *
     * @param unembedding W_U [d_vocab, d_model] row-major; kept, not modified
     * @param width d_model
     * @throws BadInput when G is singular, so that some direction of the residual stream has no logit
     */
    public static ImplicitResultIntervention of(float[] unembedding, int width) {
        return of(unembedding, width, gram(unembedding, width));
    }

    /**
     * The same for a G that is known.
     *
     * @param gram G = W_U^T W_U [d_model, d_model] row-major; not modified
     */
    public static ImplicitResultIntervention of(float[] unembedding, int width, double[] gram) {
        if (unembedding.length % width != 0 || gram.length != width * width) {
            throw new IllegalArgumentException(unembedding.length + " numbers of W_U and " + gram.length
                    + " of its Gram matrix do not fit a width of " + width);
        }
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.chol(width);
        if (!solver.setA(new DMatrixRMaj(width, width, true, gram.clone()))) {
            throw new BadInput(
                    "unembedding has dependent columns",
                    "W_U^T W_U",
                    "a positive definite matrix of n = " + width,
                    "a singular one",
                    "use an unembedding of full column rank");
        }
        return new ImplicitResultIntervention(unembedding, width, solver);
    }

    private static double[] gram(float[] unembedding, int width) {
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
        return gram;
    }

    /** d_vocab. */
    public int vocabulary() {
        return unembedding.length / width;
    }

    /** W_U h, [d_vocab]. */
    public double[] logits(double[] residual) {
        double[] logits = new double[vocabulary()];
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

    /** P_ij: the change of logit i per requested change of logit j. */
    public double realised(int i, int j) {
        return logit(preimage(new int[] {j}, new double[] {1}), i);
    }

    /** A delta for a delta that is zero outside the given tokens, [d_model]. */
    public double[] preimage(int[] tokens, double[] delta) {
        DMatrixRMaj right = combination(tokens, delta);
        DMatrixRMaj change = new DMatrixRMaj(width, 1);
        gram.solve(right, change);
        return change.data;
    }

    /** The paper's suppression: asks every given token's logit to fall to the smallest of all. Returns the change of h, [d_model]. */
    public double[] suppress(double[] residual, int... tokens) {
        double[] logits = logits(residual);
        double least = Arrays.stream(logits).min().orElseThrow();
        return preimage(
                tokens,
                Arrays.stream(tokens).mapToDouble(t -> least - logits[t]).toArray());
    }

    /** The paper's enhancement: asks every given token's logit to rise to the largest of all or to twice itself. */
    public double[] enhance(double[] residual, int... tokens) {
        double[] logits = logits(residual);
        double greatest = Arrays.stream(logits).max().orElseThrow();
        return preimage(
                tokens,
                Arrays.stream(tokens)
                        .mapToDouble(t -> Math.max(greatest, 2 * logits[t]) - logits[t])
                        .toArray());
    }

    /**
     * The paper's second step: the further change that asks the logits of the explicit answer back to where they were.
     *
     * @param before h before the first step
     * @param after h after it
     * @param strength the paper uses 10; 1 / P_ii restores a single logit exactly
     */
    public double[] recheck(double[] before, double[] after, double strength, int... tokens) {
        return preimage(
                tokens,
                Arrays.stream(tokens)
                        .mapToDouble(t -> strength * (logit(before, t) - logit(after, t)))
                        .toArray());
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

    /** The change of h of smallest norm that moves the given logits by exactly {@code changes}: W_S^T (W_S W_S^T)^-1 t. */
    public double[] exactlyWithLeastNorm(int[] tokens, double[] changes) {
        DMatrixRMaj rows = rows(tokens);
        return constrained(rows, CommonOps_DDRM.transpose(rows, null), tokens, changes);
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

    /** W_S^T delta, [d_model, 1]. */
    private DMatrixRMaj combination(int[] tokens, double[] delta) {
        return CommonOps_DDRM.multTransA(rows(tokens), new DMatrixRMaj(delta.length, 1, true, delta.clone()), null);
    }
}

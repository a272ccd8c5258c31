package modelpatch.model;

/**
 * Rows of the residual stream read through the unembedding.
 *
 * @param logits of the chosen tokens, [rows][tokens]
 * @param logSumExp of each row's logits, [rows]
 * @param ranks 1 + how many tokens have a greater logit, [rows][tokens]
 * @param top the likeliest token of each row, [rows]
 */
public record LensReading(double[][] logits, double[] logSumExp, int[][] ranks, int[] top) {

    public double probability(int row, int token) {
        return Math.exp(logits[row][token] - logSumExp[row]);
    }
}

package modelpatch.model;

import modelpatch.BadInput;

/** Lets numbers of a model pass that are numbers. What damaged or overflowing weights give is no result: every comparison with it is false. */
final class FiniteLogits {
    private FiniteLogits() {}

    /**
     * A row of logits. (Minus infinity is one: some models rule tokens out so.)
     *
     * @throws BadInput where one is NaN or greater than every number, or all are minus infinity
     */
    static float[] require(float[] logits) {
        float greatest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            greatest = Math.max(greatest, logit); // NaN where one is
        }
        require(greatest);
        return logits;
    }

    static float[][] require(float[][] rows) {
        for (float[] row : rows) {
            require(row);
        }
        return rows;
    }

    /** What was made of logits, such as the logarithms of their sums. */
    static double[] require(double[] values) {
        for (double value : values) {
            require(value);
        }
        return values;
    }

    private static void require(double value) {
        if (!Double.isFinite(value)) {
            throw new BadInput(
                    "the model's logits are not finite",
                    "its forward pass",
                    "numbers",
                    String.valueOf(value),
                    "its weights are damaged or too large for float32; compare their digest with the published one, and take off patches");
        }
    }
}

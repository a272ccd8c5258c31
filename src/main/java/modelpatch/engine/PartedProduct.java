package modelpatch.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A product of matrices in parts that several workers can share. Its size alone decides where it is parted, never how many workers there
 * are: the parts round otherwise than the whole.
 */
final class PartedProduct {
    /** Multiplications that are worth a part of their own: about a millisecond's. */
    private static final long WORTH_A_PART = 1L << 25;

    private static final int MOST_PARTS = 16;

    /** With fewer rows a product takes as long as with so many: it waits for the weights. */
    private static final int FEWEST_ROWS = 16;

    /** Columns that the inner loops of matrix products take at a time. */
    private static final int GRAIN = 64;

    private PartedProduct() {}

    /**
     * Columns of every part but the last, which may have fewer.
     *
     * @param inner the dimension that is summed over
     */
    static long width(long rows, long inner, long columns) {
        long multiplications = Math.max(rows, FEWEST_ROWS) * inner * columns;
        long parts = Math.min(MOST_PARTS, multiplications / WORTH_A_PART);
        if (parts < 2) {
            return columns;
        }
        long grains = (columns + GRAIN * parts - 1) / (GRAIN * parts);
        return Math.min(columns, grains * GRAIN);
    }

    /**
     * x W + b, part by part.
     *
     * @param x [rows, inner]
     * @param weight [inner, columns]
     */
    static Tensor of(Tensor x, Tensor weight, Optional<Tensor> bias, long width) {
        long columns = weight.size(1);
        Tensor product = Engine.run("empty", x, x.size(0), columns);
        List<Runnable> pieces = new ArrayList<>();
        for (long from = 0; from < columns; from += width) {
            long first = from;
            long count = Math.min(width, columns - from);
            pieces.add(() -> {
                try (Engine.Scope scope = Engine.scope()) {
                    if (bias.isPresent()) {
                        Engine.run("affine_into", product, first, count, x, weight, bias.get());
                    } else {
                        Engine.run("matmul_into", product, first, count, x, weight);
                    }
                }
            });
        }
        Engine.sideBySide(pieces);
        return product;
    }
}

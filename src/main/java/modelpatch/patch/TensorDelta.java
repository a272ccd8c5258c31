package modelpatch.patch;

import java.util.Arrays;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.solve.Columns;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;

/**
 * The change of one stored tensor [rows, columns]: left [rows, rank] times right [rank, selected columns], factors in float32. The product
 * itself is never rounded: {@link #apply} sums it in double and rounds the patched weight once.
 */
public final class TensorDelta {
    private final String tensor;
    private final int rows;
    private final int rank;
    private final Columns columns;
    private final Orientation orientation;
    private final float[] left;
    private final float[] right;

    /**
     * @param tensor name in the checkpoint
     * @param rows first dimension of the stored tensor
     * @param columns selection among its second dimension
     * @param left [rows, rank] row-major; copied
     * @param right [rank, columns.count()] row-major; copied
     * @throws BadInput when sizes disagree, the rank is above that of any matrix of this shape, or a factor holds NaN or infinity
     */
    public TensorDelta(
            String tensor, int rows, Columns columns, int rank, Orientation orientation, float[] left, float[] right) {
        this.tensor = tensor;
        this.rows = rows;
        this.columns = columns;
        this.rank = rank;
        this.orientation = orientation;
        if (rank > Math.min(rows, columns.count())) {
            throw new BadInput(
                    "change is larger than what it changes",
                    tensor,
                    "a rank of at most " + Math.min(rows, columns.count()),
                    rank + "",
                    "make the patch again");
        }
        this.left = requireFactor("left", tensor, left, rows, rank);
        this.right = requireFactor("right", tensor, right, rank, columns.count());
    }

    /**
     * A change as it is stored: its factors rounded to float32.
     *
     * @throws BadInput when a factor is beyond float32
     */
    public static TensorDelta of(String tensor, LowRank change, Orientation orientation) {
        Matrix left = change.left();
        Matrix right = change.right();
        Columns columns = change.columns();
        if (orientation == Orientation.OUT_IN) {
            return new TensorDelta(
                    tensor, left.rows(), columns, change.rank(), orientation, left.toFloats(), right.toFloats());
        }
        return new TensorDelta(
                tensor,
                columns.width(),
                Columns.all(left.rows()),
                change.rank(),
                orientation,
                spread(right.transposed(), columns).toFloats(),
                left.transposed().toFloats());
    }

    /** Rows [c, n] put back to their places among zeros, [width, n]. */
    static Matrix spread(Matrix rows, Columns places) {
        double[] whole = new double[places.width() * rows.columns()];
        for (int c = 0; c < places.count(); c++) {
            for (int j = 0; j < rows.columns(); j++) {
                whole[places.index(c) * rows.columns() + j] = rows.get(c, j);
            }
        }
        return Matrix.of(places.width(), rows.columns(), whole);
    }

    private static float[] requireFactor(String factor, String tensor, float[] values, int rows, int columns) {
        if (values.length != (long) rows * columns) {
            throw new BadInput(
                    factor + " factor has the wrong size",
                    tensor,
                    "[" + rows + ", " + columns + "]",
                    values.length + " numbers",
                    "make the patch again");
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new BadInput(
                        factor + " factor holds a number that is not finite",
                        tensor,
                        "finite numbers",
                        values[i] + " at " + i,
                        "make the patch again, with a larger ridge if the solve was unstable");
            }
        }
        return values.clone();
    }

    /** The same change so many times. */
    public TensorDelta times(float factor) {
        float[] scaled = left.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return new TensorDelta(tensor, rows, columns, rank, orientation, scaled, right);
    }

    public String tensor() {
        return tensor;
    }

    public int rows() {
        return rows;
    }

    /** The second dimension of the stored tensor. */
    public int width() {
        return columns.width();
    }

    public int rank() {
        return rank;
    }

    public Columns columns() {
        return columns;
    }

    public Orientation orientation() {
        return orientation;
    }

    /** [rows, rank] row-major; a copy. */
    public float[] left() {
        return left.clone();
    }

    /** [rank, columns().count()] row-major; a copy. */
    public float[] right() {
        return right.clone();
    }

    /**
     * The patched tensor: float32(base + sum of left * right over the deltas), the sum taken in double in the order given, and an element
     * whose sum is zero kept as it is, so that untouched columns keep their bytes (a stored -0.0 too).
     *
     * @param base [rows, width] row-major; not modified
     * @param deltas changes of this same tensor, in stack order
     * @return a new array
     * @throws BadInput when shapes disagree or the result is not finite
     */
    public static float[] apply(float[] base, List<TensorDelta> deltas) {
        if (deltas.isEmpty()) {
            return base.clone();
        }
        TensorDelta first = deltas.get(0);
        int width = first.columns.width();
        for (TensorDelta delta : deltas) {
            if (delta.columns.width() != width
                    || delta.rows != first.rows
                    || base.length != (long) first.rows * width) {
                throw new BadInput(
                        "patch does not have the shape of its tensor",
                        delta.tensor,
                        base.length + " numbers",
                        "[" + delta.rows + ", " + delta.columns.width() + "]",
                        "use the model that the patch was made for");
            }
        }
        float[] patched = base.clone();
        double[] sum = new double[width];
        for (int row = 0; row < first.rows; row++) {
            Arrays.fill(sum, 0);
            for (TensorDelta delta : deltas) {
                delta.addRow(row, sum);
            }
            for (int column = 0; column < width; column++) {
                if (sum[column] != 0) {
                    int at = row * width + column;
                    patched[at] = (float) (base[at] + sum[column]);
                    if (!Float.isFinite(patched[at])) {
                        throw new BadInput(
                                "patched weight is not finite",
                                first.tensor + "[" + row + ", " + column + "]",
                                "a finite float32",
                                base[at] + " + " + sum[column],
                                "remove the patch whose factors are this large");
                    }
                }
            }
        }
        return patched;
    }

    /** Adds row {@code row} of the product to {@code sum} [width], which is modified. */
    private void addRow(int row, double[] sum) {
        for (int k = 0; k < rank; k++) {
            double scale = left[row * rank + k];
            if (scale != 0) {
                int offset = k * columns.count();
                for (int c = 0; c < columns.count(); c++) {
                    sum[columns.index(c)] += scale * right[offset + c];
                }
            }
        }
    }

    /** Equal factors, bit for bit, on the same tensor. */
    @Override
    public boolean equals(Object other) {
        return other instanceof TensorDelta that
                && tensor.equals(that.tensor)
                && rows == that.rows
                && rank == that.rank
                && columns.equals(that.columns)
                && orientation == that.orientation
                && Arrays.equals(left, that.left)
                && Arrays.equals(right, that.right);
    }

    @Override
    public int hashCode() {
        return 31 * tensor.hashCode() + Arrays.hashCode(right);
    }

    @Override
    public String toString() {
        return tensor + " [" + rows + ", " + columns.width() + "] rank " + rank + " on " + columns;
    }
}

package modelpatch.solve;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import modelpatch.BadInput;

/**
 * Which input columns of a linear map [d_out, d_in] an edit may touch: all of them, or those of a few attention heads. Columns outside the
 * selection keep their bytes.
 */
public final class Columns {
    private final int width;
    private final int[] indices;

    private Columns(int width, int[] indices) {
        this.width = width;
        this.indices = indices;
    }

    /** Every column of a map with {@code width} = d_in inputs. */
    public static Columns all(int width) {
        return new Columns(width, IntStream.range(0, width).toArray());
    }

    /**
     * Some columns.
     *
     * @param width d_in of the map
     * @param indices the columns, strictly ascending, each in [0, width)
     */
    public static Columns of(int width, int... indices) {
        for (int i = 0; i < indices.length; i++) {
            boolean inside = indices[i] >= 0 && indices[i] < width;
            if (!inside || (i > 0 && indices[i] <= indices[i - 1])) {
                throw new BadInput(
                        "column selection is not usable",
                        "columns",
                        "strictly ascending indices below " + width,
                        indices[i] + " at place " + i,
                        "list every column once, in order");
            }
        }
        return new Columns(width, indices.clone());
    }

    /**
     * The columns that read the z of the given attention heads: head h owns [h * dHead, (h + 1) * dHead).
     *
     * @param width d_in of W_O, a multiple of {@code dHead}
     */
    public static Columns ofHeads(int width, int dHead, List<Integer> heads) {
        int[] indices = heads.stream()
                .distinct()
                .sorted()
                .flatMapToInt(h -> IntStream.range(h * dHead, (h + 1) * dHead))
                .toArray();
        return of(width, indices);
    }

    /** d_in of the map. */
    public int width() {
        return width;
    }

    /** How many columns are selected. */
    public int count() {
        return indices.length;
    }

    /** The index in [0, width) of the i-th selected column. */
    public int index(int i) {
        return indices[i];
    }

    public int[] indices() {
        return indices.clone();
    }

    public boolean isAll() {
        return indices.length == width;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Columns that && width == that.width && Arrays.equals(indices, that.indices);
    }

    @Override
    public int hashCode() {
        return 31 * width + Arrays.hashCode(indices);
    }

    @Override
    public String toString() {
        return isAll() ? "all " + width + " columns" : count() + " of " + width + " columns";
    }
}

package modelpatch.export.foreign;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where an edited weight W may lie in a constant M of an ONNX model: M or its transpose is W, or W is a block of rows of it (a fused
 * projection), or it is a block of rows of W (a fused projection taken apart). Rows and columns below are M's.
 *
 * @param transposed whether M lies across W
 * @param start row of M (column, where it lies across) that row {@code weightRow} of W is
 * @param count rows of W that lie there
 */
record Placement(EditedWeight weight, boolean transposed, int start, int weightRow, int count) {

    /** All that the shapes allow. */
    static Stream<Placement> of(EditedWeight weight, int rows, int columns) {
        Stream<Placement> asItIs = columns == weight.columns() ? of(weight, false, rows) : Stream.empty();
        Stream<Placement> across = rows == weight.columns() ? of(weight, true, columns) : Stream.empty();
        return Stream.concat(asItIs, across);
    }

    private static Stream<Placement> of(EditedWeight weight, boolean transposed, int length) {
        int count = Math.min(length, weight.rows());
        return IntStream.rangeClosed(0, length - count)
                .boxed()
                .flatMap(start -> IntStream.rangeClosed(0, weight.rows() - count)
                        .mapToObj(weightRow -> new Placement(weight, transposed, start, weightRow, count)));
    }

    int firstRow() {
        return transposed ? 0 : start;
    }

    /** One past the last. */
    int endRow() {
        return transposed ? weight.columns() : start + count;
    }

    int firstColumn() {
        return transposed ? start : 0;
    }

    /** One past the last. */
    int endColumn() {
        return transposed ? start + count : weight.columns();
    }

    /** The number of W, as it counts them, that lies at a place of M. */
    int index(int row, int column) {
        return transposed
                ? (weightRow + column - start) * weight.columns() + row
                : (weightRow + row - start) * weight.columns() + column;
    }

    /** In words, for a constant of so many numbers. */
    String how(long elements) {
        boolean whole = count == weight.rows() && (long) count * weight.columns() == elements;
        return (transposed ? "transposed" : "as it is") + (whole ? "" : ", part of a fused matrix");
    }
}

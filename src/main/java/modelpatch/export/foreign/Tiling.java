package modelpatch.export.foreign;

/**
 * How a quantised matrix is cut into tiles that share a scale, and where numbers lie in the constants that hold it: one tile for a tensor, rows
 * or columns for an axis, runs of a row or column for blocks.
 *
 * @param tileRows rows of a tile; the last may have fewer
 * @param tileColumns likewise
 * @param codeStride integers from one row to the next
 * @param zeroStride zero points from one row of tiles to the next
 */
record Tiling(int rows, int columns, int tileRows, int tileColumns, int codeStride, int zeroStride) {

    /** Everything side by side, as DequantizeLinear and MatMulInteger read it. */
    static Tiling dense(int rows, int columns, int tileRows, int tileColumns) {
        return new Tiling(rows, columns, tileRows, tileColumns, columns, parts(columns, tileColumns));
    }

    /**
     * Runs of a row, the last filled up to a whole run, and zero points filled up to a whole byte. (Source: the layout of ONNX Runtime's
     * MatMulNBits: B [N, ceil(K / block_size), block_size * bits / 8], zero points [N, ceil(ceil(K / block_size) * bits / 8)].)
     */
    static Tiling padded(int rows, int columns, int block, int bits) {
        int blocks = parts(columns, block);
        int inByte = 8 / bits;
        return new Tiling(rows, columns, 1, block, blocks * block, parts(blocks, inByte) * inByte);
    }

    private static int parts(int length, int part) {
        return (int) ((length + part - 1L) / part);
    }

    int tiles() {
        return parts(rows, tileRows) * parts(columns, tileColumns);
    }

    /** Integers that the constant holds, filling included. */
    long codes() {
        return (long) rows * codeStride;
    }

    /** Zero points that the constant holds, filling included. */
    int zeros() {
        return parts(rows, tileRows) * zeroStride;
    }

    /** Where the integer of an element lies. */
    int code(int row, int column) {
        return row * codeStride + column;
    }

    /** Where the scale of an element's tile lies. */
    int scale(int row, int column) {
        return row / tileRows * parts(columns, tileColumns) + column / tileColumns;
    }

    /** Where the zero point of an element's tile lies. */
    int zero(int row, int column) {
        return row / tileRows * zeroStride + column / tileColumns;
    }
}

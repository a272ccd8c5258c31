package modelpatch.checkpoint;

/**
 * The order in which GGUF files of the llama family store the rows of query and key projections. Within a head of {@code dHead} rows the
 * Hugging Face layout keeps the two coordinates of rotary pair i at rows i and i + dHead/2; the file keeps them next to each other, at rows
 * 2i and 2i + 1. (Source: the row permutation of llama.cpp's converter, and its inverse.)
 *
 * @param dHead rows per head, even
 */
record RowOrder(int dHead) {
    /** Which stored row is row {@code row} of the Hugging Face layout. */
    long storedRow(long row) {
        long head = row / dHead;
        long within = row % dHead;
        int half = dHead / 2;
        return head * dHead + (within < half ? 2 * within : 2 * (within - half) + 1);
    }

    /**
     * A tensor's numbers in the order in which the file stores them.
     *
     * @param numbers {@code [heads * dHead, in]} in the order of the shape; not modified
     */
    float[] stored(float[] numbers, long rows) {
        int width = (int) (numbers.length / rows);
        float[] ordered = new float[numbers.length];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(numbers, row * width, ordered, (int) storedRow(row) * width, width);
        }
        return ordered;
    }
}

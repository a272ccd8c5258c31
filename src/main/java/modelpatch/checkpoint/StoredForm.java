package modelpatch.checkpoint;

/**
 * How a GGUF file stores a tensor where it is not as the Hugging Face layout has it. (Source: llama.cpp's converter, and its inverse.)
 *
 * <p>Rows of queries and keys of the llama family: within a head of {@code dHead} rows the Hugging Face layout keeps the two coordinates of
 * rotary pair i at rows i and i + dHead/2; the file keeps them next to each other, at rows 2i and 2i + 1. Gains of Gemma's norms: the layout
 * keeps w of 1 + w, the file the sum.
 *
 * @param dHead rows per head, even; 0 where rows are in order
 * @param shift what the file has added to each number
 */
record StoredForm(int dHead, float shift) {
    static StoredForm rows(int dHead) {
        return new StoredForm(dHead, 0);
    }

    static StoredForm shifted(float shift) {
        return new StoredForm(0, shift);
    }

    /** Which stored row is row {@code row} of the Hugging Face layout. */
    long storedRow(long row) {
        if (dHead == 0) {
            return row;
        }
        long head = row / dHead;
        long within = row % dHead;
        int half = dHead / 2;
        return head * dHead + (within < half ? 2 * within : 2 * (within - half) + 1);
    }

    /**
     * A tensor's numbers as the file stores them.
     *
     * @param numbers {@code [rows, in]} in the order of the shape; not modified
     */
    float[] stored(float[] numbers, long rows) {
        int width = (int) (numbers.length / rows);
        float[] ordered = new float[numbers.length];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(numbers, row * width, ordered, (int) storedRow(row) * width, width);
        }
        for (int i = 0; shift != 0 && i < ordered.length; i++) {
            ordered[i] += shift;
        }
        return ordered;
    }
}

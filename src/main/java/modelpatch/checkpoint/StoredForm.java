package modelpatch.checkpoint;

/** How a GGUF file stores a tensor where it is not as the Hugging Face layout has it. (Source: llama.cpp's converter, and its inverse.) */
sealed interface StoredForm {
    /** Which stored row is row {@code row} of the Hugging Face layout. */
    default long storedRow(long row) {
        return row;
    }

    /** What the file has added to each number. */
    default float shift() {
        return 0;
    }

    /**
     * A tensor's numbers as the file stores them.
     *
     * @param numbers {@code [rows, in]} in the order of the shape; not modified
     */
    default float[] stored(float[] numbers, long rows) {
        int width = (int) (numbers.length / rows);
        float[] ordered = new float[numbers.length];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(numbers, row * width, ordered, (int) storedRow(row) * width, width);
        }
        for (int i = 0; shift() != 0 && i < ordered.length; i++) {
            ordered[i] += shift();
        }
        return ordered;
    }

    /**
     * Rows of queries and keys of the llama family: within a head the Hugging Face layout keeps the two coordinates of rotary pair i at rows i and
     * i + dHead/2; the file keeps them next to each other, at rows 2i and 2i + 1.
     *
     * @param dHead rows per head, even
     */
    record Interleaved(int dHead) implements StoredForm {
        @Override
        public long storedRow(long row) {
            long head = row / dHead;
            long within = row % dHead;
            int half = dHead / 2;
            return head * dHead + (within < half ? 2 * within : 2 * (within - half) + 1);
        }
    }

    /**
     * Rows of queries, keys and values in one tensor: the layout keeps the queries of one key-value head, its key and its value together, one such
     * group after the other; the file keeps all queries, then all keys, then all values.
     *
     * @param groups key-value heads
     * @param queries query heads of each
     * @param dHead rows per head
     */
    record Ungrouped(long groups, long queries, long dHead) implements StoredForm {
        @Override
        public long storedRow(long row) {
            long group = row / ((queries + 2) * dHead);
            long head = row / dHead % (queries + 2);
            long within = row % dHead;
            if (head < queries) {
                return (group * queries + head) * dHead + within;
            }
            return (groups * head + group) * dHead + within; // all queries before the keys, all keys before the values
        }
    }

    /** Gains of norms that multiply by 1 + w: the layout keeps w, the file the sum. */
    record Shifted(float shift) implements StoredForm {}

    /**
     * A matrix that the layout keeps as {@code [in, out]} and the file as {@code [out, in]}.
     *
     * @param rows of the layout
     * @param columns of the layout
     */
    record Transposed(long rows, long columns) implements StoredForm {
        @Override
        public float[] stored(float[] numbers, long rows) {
            float[] turned = new float[numbers.length];
            int height = (int) rows;
            int width = numbers.length / height;
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < width; column++) {
                    turned[column * height + row] = numbers[row * width + column];
                }
            }
            return turned;
        }
    }
}

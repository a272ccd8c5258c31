package modelpatch.checkpoint;

/**
 * Numbers in signed 8-bit blocks: w = code * scale, the scale of a block being its largest magnitude over 127. (Source: the layout of ONNX
 * Runtime's MatMulNBits, in which exported matrices of eight bits are stored.)
 */
public final class EightBits {
    /** Numbers that share a scale. */
    public static final int BLOCK = 32;

    private EightBits() {}

    /** The scale of a block: {@code count} numbers from {@code from} on, each {@code step} after the last. */
    public static float scale(float[] w, int from, int count, int step) {
        float largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Math.abs(w[from + i * step]));
        }
        return largest / 127;
    }

    /** The code of a number, -127 to 127. */
    public static int code(float w, float scale) {
        return scale > 0 ? Math.round(w / scale) : 0;
    }

    /**
     * What storing leaves of a matrix whose blocks lie along its inputs.
     *
     * @param w [rows, columns] row-major; not modified
     * @param inputsAreColumns whether the inputs are the columns, else they are the rows
     */
    public static float[] rounded(float[] w, int rows, int columns, boolean inputsAreColumns) {
        float[] rounded = new float[w.length];
        int outputs = inputsAreColumns ? rows : columns;
        int inputs = inputsAreColumns ? columns : rows;
        int step = inputsAreColumns ? 1 : columns;
        for (int output = 0; output < outputs; output++) {
            int start = inputsAreColumns ? output * columns : output;
            for (int block = 0; block < inputs; block += BLOCK) {
                int count = Math.min(BLOCK, inputs - block);
                int from = start + block * step;
                float scale = scale(w, from, count, step);
                for (int i = 0; i < count; i++) {
                    rounded[from + i * step] = code(w[from + i * step], scale) * scale;
                }
            }
        }
        return rounded;
    }
}

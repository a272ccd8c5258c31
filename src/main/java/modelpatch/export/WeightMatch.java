package modelpatch.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.TensorKind;

/**
 * Where a weight W [rows, columns] of a checkpoint lies in a constant M of an ONNX model, by content: M or its transpose is W, or W is a block of
 * rows of it (a fused projection), or it is a block of rows of W (a fused projection taken apart).
 *
 * @param transposed whether M lies across W
 * @param row of M (of its transpose) that row {@code weightRow} of W is
 * @param count rows that they share
 */
record WeightMatch(StoredTensor constant, boolean transposed, int row, int weightRow, int count) {

    /** The match of a weight in a constant; empty where its numbers are others. */
    static Optional<WeightMatch> of(Encoded weight, StoredTensor constant, ByteBuffer stored) {
        List<WeightMatch> candidates = new ArrayList<>();
        if (constant.columns() == weight.columns()) {
            candidates.addAll(candidates(weight, constant, false, constant.rows()));
        }
        if (constant.rows() == weight.columns()) {
            candidates.addAll(candidates(weight, constant, true, constant.columns()));
        }
        return candidates.stream().filter(match -> match.holds(weight, stored)).findFirst();
    }

    private static List<WeightMatch> candidates(Encoded weight, StoredTensor constant, boolean transposed, int rows) {
        List<WeightMatch> candidates = new ArrayList<>();
        int count = Math.min(rows, weight.rows());
        for (int row = 0; row + count <= rows; row++) {
            for (int weightRow = 0; weightRow + count <= weight.rows(); weightRow++) {
                candidates.add(new WeightMatch(constant, transposed, row, weightRow, count));
            }
        }
        return candidates;
    }

    private boolean holds(Encoded weight, ByteBuffer stored) {
        for (int i = 0; i < count; i++) {
            for (int column = 0; column < weight.columns(); column++) {
                if (!weight.sameAt(weightRow + i, column, stored, place(i, column, weight.size()))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Puts other numbers in the weight's place and counts the bytes that changed by that. */
    long write(Encoded weight, ByteBuffer target) {
        long changed = 0;
        for (int i = 0; i < count; i++) {
            for (int column = 0; column < weight.columns(); column++) {
                changed += weight.copy(weightRow + i, column, target, place(i, column, weight.size()));
            }
        }
        return changed;
    }

    /** In words, for a weight of so many rows. */
    String how(int weightRows) {
        int constantRows = transposed ? constant.columns() : constant.rows();
        boolean whole = count == weightRows && count == constantRows;
        return (transposed ? "transposed" : "as it is") + (whole ? "" : ", part of a fused matrix");
    }

    /** Byte in M of the i-th shared row's number. */
    private int place(int i, int column, int size) {
        int at = transposed ? column * constant.columns() + row + i : (row + i) * constant.columns() + column;
        return at * size;
    }

    /**
     * A weight rounded to the kind of a constant.
     *
     * @param size bytes of a number
     */
    record Encoded(int rows, int columns, int size, byte[] bytes) {
        static Encoded of(float[] values, int rows, int columns, TensorKind kind) {
            byte[] bytes = new byte[values.length * kind.blockBytes()];
            ByteBuffer target = ByteBuffer.wrap(bytes);
            try {
                OutgoingTensor.encoded("", kind, List.of((long) rows, (long) columns), () -> FloatBuffer.wrap(values))
                        .content()
                        .writeTo(target::put);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // an array takes everything
            }
            return new Encoded(rows, columns, kind.blockBytes(), bytes);
        }

        boolean sameAt(int row, int column, ByteBuffer other, int place) {
            int at = (row * columns + column) * size;
            for (int i = 0; i < size; i++) {
                if (bytes[at + i] != other.get(place + i)) {
                    return false;
                }
            }
            return true;
        }

        int copy(int row, int column, ByteBuffer other, int place) {
            int at = (row * columns + column) * size;
            int changed = 0;
            for (int i = 0; i < size; i++) {
                changed += bytes[at + i] != other.get(place + i) ? 1 : 0;
                other.put(place + i, bytes[at + i]);
            }
            return changed;
        }
    }
}

package modelpatch.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import modelpatch.architecture.Rotary;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.TensorKind;

/**
 * Cosines and sines of every position of the context, each [n_ctx, R/2], R being the dimensions that turn; where long sequences turn otherwise,
 * their n_ctx rows follow. They are tables of the engine's own numbers: the angle is {@link Rotary#angle}, its cosine is taken in double.
 *
 * <p>A context of millions of positions is cut into blocks: there is a table of the positions in a block, [{@link #BLOCK}, R/2], and one of
 * where blocks begin, [blocks, R/2]; the angles of both are added up, which beyond the first block rounds otherwise than one angle would.
 *
 * @param index tells tables of one graph apart
 */
record RotaryTables(Rotary rotary, int nCtx, int index) {
    static final int BLOCK = 1 << 12;

    private static final int LONGEST_AT_ONCE = 1 << 20;

    boolean inBlocks() {
        return nCtx > LONGEST_AT_ONCE && rotary.beyond().isEmpty();
    }

    OutgoingTensor cosines() {
        return table("cosines", Math::cos);
    }

    OutgoingTensor sines() {
        return table("sines", Math::sin);
    }

    OutgoingTensor blockCosines() {
        return blocks("block_cosines", Math::cos);
    }

    OutgoingTensor blockSines() {
        return blocks("block_sines", Math::sin);
    }

    /** magnitude * function(position * frequency) */
    private OutgoingTensor table(String name, DoubleUnaryOperator function) {
        List<double[]> parts = new ArrayList<>(List.of(rotary.frequencies()));
        rotary.beyond().ifPresent(beyond -> parts.add(beyond.frequencies()));
        return table(name, parts, inBlocks() ? BLOCK : nCtx, 1, rotary.magnitude(), function);
    }

    private OutgoingTensor blocks(String name, DoubleUnaryOperator function) {
        return table(name, List.of(rotary.frequencies()), (nCtx + BLOCK - 1) / BLOCK, BLOCK, 1, function);
    }

    private OutgoingTensor table(
            String name, List<double[]> parts, int rows, long step, double magnitude, DoubleUnaryOperator function) {
        int width = rotary.dimensions() / 2;
        List<Long> shape = List.of((long) rows * parts.size(), (long) width);
        return new OutgoingTensor("rotary." + index + "." + name, TensorKind.F32, shape, sink -> {
            ByteBuffer row = ByteBuffer.allocate(width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (double[] frequencies : parts) {
                for (int place = 0; place < rows; place++) {
                    row.clear();
                    for (double frequency : frequencies) {
                        row.putFloat((float) (magnitude
                                * function.applyAsDouble(Rotary.angle(Math.toIntExact(place * step), frequency))));
                    }
                    sink.accept(row.flip());
                }
            }
        });
    }
}

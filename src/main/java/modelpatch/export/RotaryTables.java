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
 * Cosines and sines of every position of the context, each [n_ctx, R/2], R being the dimensions that turn; where long sequences turn otherwise, their n_ctx rows follow. They are
 * tables, computed in double, because float32 cannot hold a large angle well enough to take its cosine.
 *
 * @param index tells tables of one graph apart
 */
record RotaryTables(Rotary rotary, int nCtx, int index) {

    OutgoingTensor cosines() {
        return table("rotary." + index + ".cosines", Math::cos);
    }

    OutgoingTensor sines() {
        return table("rotary." + index + ".sines", Math::sin);
    }

    /** magnitude * function(position * frequency) */
    private OutgoingTensor table(String name, DoubleUnaryOperator function) {
        List<double[]> parts = new ArrayList<>(List.of(rotary.frequencies()));
        rotary.beyond().ifPresent(beyond -> parts.add(beyond.frequencies()));
        int width = rotary.dimensions() / 2;
        List<Long> shape = List.of((long) nCtx * parts.size(), (long) width);
        return new OutgoingTensor(name, TensorKind.F32, shape, sink -> {
            ByteBuffer row = ByteBuffer.allocate(width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (double[] frequencies : parts) {
                for (int position = 0; position < nCtx; position++) {
                    row.clear();
                    for (double frequency : frequencies) {
                        row.putFloat((float) (rotary.magnitude() * function.applyAsDouble(position * frequency)));
                    }
                    sink.accept(row.flip());
                }
            }
        });
    }
}

package modelpatch.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import modelpatch.architecture.Rotary;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.TensorKind;

/**
 * Cosines and sines of every position of the context, each [n_ctx, R/2], R being the dimensions that turn. They are tables, computed in double,
 * because float32 cannot hold a large angle well enough to take its cosine.
 */
record RotaryTables(Rotary rotary, int nCtx) {

    OutgoingTensor cosines() {
        return table("rotary.cosines", Math::cos);
    }

    OutgoingTensor sines() {
        return table("rotary.sines", Math::sin);
    }

    /** function(position * frequency) */
    private OutgoingTensor table(String name, DoubleUnaryOperator function) {
        double[] frequencies = rotary.frequencies();
        List<Long> shape = List.of((long) nCtx, (long) frequencies.length);
        return new OutgoingTensor(name, TensorKind.F32, shape, sink -> {
            ByteBuffer row =
                    ByteBuffer.allocate(frequencies.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int position = 0; position < nCtx; position++) {
                row.clear();
                for (double frequency : frequencies) {
                    row.putFloat((float) function.applyAsDouble(position * frequency));
                }
                sink.accept(row.flip());
            }
        });
    }
}

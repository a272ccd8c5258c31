package modelpatch.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Supplier;
import modelpatch.BadInput;
import modelpatch.checkpoint.EightBits;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.TensorKind;

/**
 * A linear layer's weight in signed 8-bit blocks along its inputs: w = (byte - 128) * scale, the scale being the largest magnitude of the block over
 * 127. (Source: the layout of ONNX Runtime's MatMulNBits.)
 *
 * @param name of the weight
 * @param values gives [dOut, dIn] row-major when the matrix is written
 */
record QuantisedMatrix(String name, int dOut, int dIn, Supplier<float[]> values) {
    static final int BLOCK = EightBits.BLOCK;

    QuantisedMatrix {
        if ((long) dOut * dIn > Integer.MAX_VALUE - 8) {
            throw new BadInput(
                    "matrix too large to be stored in 8-bit blocks",
                    name,
                    "fewer than 2147483640 numbers",
                    "[" + dOut + ", " + dIn + "]",
                    "export it as float32 or float16 (--weights)");
        }
    }

    private int blocks() {
        return (dIn + BLOCK - 1) / BLOCK;
    }

    /** [dOut, blocks, block]; what lies beyond dIn is zero. */
    OutgoingTensor bytes() {
        List<Long> shape = List.of((long) dOut, (long) blocks(), (long) BLOCK);
        return new OutgoingTensor(name + "_quantised", TensorKind.U8, shape, sink -> {
            float[] w = values.get();
            ByteBuffer row = ByteBuffer.allocate(blocks() * BLOCK);
            for (int out = 0; out < dOut; out++) {
                row.clear();
                for (int block = 0; block < blocks(); block++) {
                    float scale = scale(w, out, block);
                    for (int i = block * BLOCK; i < (block + 1) * BLOCK; i++) {
                        row.put((byte) ((i < dIn ? EightBits.code(w[out * dIn + i], scale) : 0) + 128));
                    }
                }
                sink.accept(row.flip());
            }
        });
    }

    /** [dOut * blocks] */
    OutgoingTensor scales() {
        return new OutgoingTensor(name + "_scales", TensorKind.F32, List.of((long) dOut * blocks()), sink -> {
            float[] w = values.get();
            ByteBuffer row = ByteBuffer.allocate(blocks() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (int out = 0; out < dOut; out++) {
                row.clear();
                for (int block = 0; block < blocks(); block++) {
                    row.putFloat(scale(w, out, block));
                }
                sink.accept(row.flip());
            }
        });
    }

    private float scale(float[] w, int out, int block) {
        int first = block * BLOCK;
        return EightBits.scale(w, out * dIn + first, Math.min(dIn - first, BLOCK), 1);
    }
}

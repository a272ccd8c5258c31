package modelpatch.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Encodes float32 as Q8_0: per 32 numbers a half-precision scale d, the largest magnitude over 127, and 32 signed bytes, the nearest to x / d with
 * ties away from zero. (Source: ggml's reference quantisation, whose bits these are.)
 */
final class BlockEncoder {
    private static final int BLOCK = 32;
    private static final int BLOCKS = 512;

    private BlockEncoder() {}

    /** Encodes whole blocks; the position of {@code values} moves on. */
    static void encode(FloatBuffer values, IoConsumer<ByteBuffer> sink) throws IOException {
        ByteBuffer out =
                ByteBuffer.allocate(BLOCKS * TensorKind.Q8_0.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
        float[] block = new float[BLOCK];
        while (values.hasRemaining()) {
            out.clear();
            while (values.hasRemaining() && out.hasRemaining()) {
                values.get(block);
                put(block, out);
            }
            sink.accept(out.flip());
        }
    }

    private static void put(float[] block, ByteBuffer out) {
        float largest = 0;
        for (float value : block) {
            largest = Math.max(largest, Math.abs(value));
        }
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        out.putShort(HalfPrecision.toHalf(scale));
        for (float value : block) {
            float x = value * inverse;
            out.put((byte) (Math.signum(x) * Math.floor(Math.abs(x) + 0.5f)));
        }
    }
}

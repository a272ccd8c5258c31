package modelpatch.checkpoint;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Decodes stored elements to float32, in the arithmetic of ggml's own reference (float32 products and sums), so that the numbers are the
 * same to the last bit.
 */
final class FloatDecoder {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Elements decoded at a time: a multiple of every block, small enough to stay in the second-level cache. */
    static final int CHUNK = 1 << 14;

    private final TensorKind kind;
    private final byte[] stored;
    private final float[] decoded = new float[CHUNK];

    FloatDecoder(TensorKind kind) {
        this.kind = kind;
        this.stored = new byte[CHUNK / kind.blockElements() * kind.blockBytes()];
    }

    /**
     * Decodes a run of elements into {@code target} at its position, which moves on.
     *
     * @param source the stored bytes of the tensor; its position is not modified
     * @param first the first element; it begins a block
     * @param elements how many, whole blocks
     */
    void decode(ByteBuffer source, long first, long elements, FloatBuffer target) {
        for (long done = 0; done < elements; done += CHUNK) {
            int n = (int) Math.min(CHUNK, elements - done);
            target.put(chunk(source, first + done, n), 0, n);
        }
    }

    /** Whether none of the tensor's numbers is a NaN or an infinity. */
    boolean isFinite(ByteBuffer source, long elements) {
        if (kind.isQuantised()) {
            return scalesAreFinite(source, elements / kind.blockElements());
        }
        for (long first = 0; first < elements; first += CHUNK) {
            int n = (int) Math.min(CHUNK, elements - first);
            float[] numbers = chunk(source, first, n);
            // x * 0 is a zero unless x is infinite or NaN. Without a branch the loop runs at memory speed.
            float sum = 0;
            for (int i = 0; i < n; i++) {
                sum += numbers[i] * 0f;
            }
            if (sum != 0) {
                return false;
            }
        }
        return true;
    }

    /** A block is finite exactly when its scale and minimum are: what they multiply is finite, and small. */
    private boolean scalesAreFinite(ByteBuffer source, long blocks) {
        int halves = kind == TensorKind.Q4_1 ? 2 : 1;
        for (long block = 0; block < blocks; block++) {
            int at = (int) (block * kind.blockBytes());
            for (int i = 0; i < halves; i++) {
                if ((source.getShort(at + 2 * i) & 0x7c00) == 0x7c00) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Decodes at most {@link #CHUNK} elements; the array is this decoder's own and is overwritten by the next call. */
    float[] chunk(ByteBuffer source, long first, int elements) {
        int at = (int) kind.bytes(first);
        source.get(at, stored, 0, (int) kind.bytes(elements));
        switch (kind) {
            case F64 -> doubles(elements);
            case F32 -> floats(elements);
            case F16 -> halves(elements);
            case BF16 -> brains(elements);
            case Q8_0 -> q8(elements / 32);
            case Q4_0 -> q4(elements / 32, false);
            case Q4_1 -> q4(elements / 32, true);
            default -> throw new IllegalArgumentException(kind + " is not a kind of weight");
        }
        return decoded;
    }

    private void doubles(int elements) {
        for (int i = 0; i < elements; i++) {
            decoded[i] = (float) Double.longBitsToDouble((long) LONG.get(stored, 8 * i));
        }
    }

    private void floats(int elements) {
        for (int i = 0; i < elements; i++) {
            decoded[i] = Float.intBitsToFloat((int) INT.get(stored, 4 * i));
        }
    }

    private void halves(int elements) {
        for (int i = 0; i < elements; i++) {
            decoded[i] = half(2 * i);
        }
    }

    private void brains(int elements) {
        for (int i = 0; i < elements; i++) {
            decoded[i] = HalfPrecision.fromBrain((short) SHORT.get(stored, 2 * i));
        }
    }

    private void q8(int blocks) {
        for (int b = 0; b < blocks; b++) {
            int at = 34 * b;
            float scale = half(at);
            for (int i = 0; i < 32; i++) {
                decoded[32 * b + i] = stored[at + 2 + i] * scale;
            }
        }
    }

    /** Both 4-bit kinds: with a minimum x = q d + m; without, x = (q - 8) d. */
    private void q4(int blocks, boolean withMinimum) {
        int header = withMinimum ? 4 : 2;
        int zero = withMinimum ? 0 : 8;
        for (int b = 0; b < blocks; b++) {
            int at = (header + 16) * b;
            float scale = half(at);
            // Adding -0 changes no float, the other zero would turn -0 into +0.
            float minimum = withMinimum ? half(at + 2) : -0.0f;
            int to = 32 * b;
            for (int i = 0; i < 16; i++) {
                int pair = stored[at + header + i];
                decoded[to + i] = ((pair & 15) - zero) * scale + minimum;
                decoded[to + 16 + i] = (((pair >>> 4) & 15) - zero) * scale + minimum;
            }
        }
    }

    private float half(int at) {
        return HalfPrecision.fromHalf((short) SHORT.get(stored, at));
    }
}

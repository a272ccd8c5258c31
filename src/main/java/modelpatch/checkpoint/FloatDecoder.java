package modelpatch.checkpoint;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Decodes stored elements to float32: plain numbers here, blocks by the layout of their kind. */
final class FloatDecoder {
    /** Elements decoded at a time: a multiple of every block, small enough to stay in the second-level cache. */
    static final int CHUNK = 1 << 14;

    private final TensorKind kind;
    private final byte[] stored;
    private final float[] decoded = new float[CHUNK];

    /** @param kind one of weights */
    FloatDecoder(TensorKind kind) {
        if (!kind.isWeight()) {
            throw new IllegalArgumentException(kind + " is not a kind of weight");
        }
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
        if (kind.hasScale()) {
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

    private boolean scalesAreFinite(ByteBuffer source, long blocks) {
        for (long block = 0; block < blocks; block++) {
            if (!kind.scaleIsFinite(source, (int) (block * kind.blockBytes()))) {
                return false;
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
            default -> blocks(elements / kind.blockElements());
        }
        return decoded;
    }

    private void doubles(int elements) {
        for (int i = 0; i < elements; i++) {
            decoded[i] = (float) Double.longBitsToDouble(StoredNumbers.int64(stored, 8 * i));
        }
    }

    private void floats(int elements) {
        for (int i = 0; i < elements; i++) {
            decoded[i] = Float.intBitsToFloat(StoredNumbers.int32(stored, 4 * i));
        }
    }

    private void halves(int elements) {
        for (int i = 0; i < elements; i++) {
            decoded[i] = StoredNumbers.half(stored, 2 * i);
        }
    }

    private void brains(int elements) {
        for (int i = 0; i < elements; i++) {
            decoded[i] = HalfPrecision.fromBrain(StoredNumbers.int16(stored, 2 * i));
        }
    }

    private void blocks(int blocks) {
        BlockDecoder layout = kind.decoder();
        for (int block = 0; block < blocks; block++) {
            layout.decode(stored, block * kind.blockBytes(), decoded, block * kind.blockElements());
        }
    }
}

package modelpatch.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
     * Decodes a run of whole blocks into {@code target} at its position, which moves on.
     *
     * @param source stored bytes, from its position to its limit; not modified
     */
    void decode(ByteBuffer source, FloatBuffer target) {
        for (int at = source.position(); at < source.limit(); at += bytesOfChunk(source, at)) {
            int elements = chunk(source, at);
            target.put(decoded, 0, elements);
        }
    }

    /**
     * Whether none of the numbers is a NaN or an infinity.
     *
     * @param source stored bytes of whole blocks, from its position to its limit; not modified
     */
    boolean isFinite(ByteBuffer source) {
        if (kind.hasScale()) {
            return scalesAreFinite(source);
        }
        for (int at = source.position(); at < source.limit(); at += bytesOfChunk(source, at)) {
            int n = chunk(source, at);
            // x * 0 is a zero unless x is infinite or NaN. Without a branch the loop runs at memory speed.
            float sum = 0;
            for (int i = 0; i < n; i++) {
                sum += decoded[i] * 0f;
            }
            if (sum != 0) {
                return false;
            }
        }
        return true;
    }

    private boolean scalesAreFinite(ByteBuffer source) {
        int blocks = source.remaining() / kind.blockBytes();
        for (int block = 0; block < blocks; block++) {
            if (!kind.scaleIsFinite(source, source.position() + block * kind.blockBytes())) {
                return false;
            }
        }
        return true;
    }

    private int bytesOfChunk(ByteBuffer source, int at) {
        return Math.min(stored.length, source.limit() - at);
    }

    /** Decodes at most {@link #CHUNK} elements, and says how many. */
    private int chunk(ByteBuffer source, int at) {
        int bytes = bytesOfChunk(source, at);
        int blocks = bytes / kind.blockBytes();
        if (kind == TensorKind.F32) {
            source.slice(at, bytes)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(decoded, 0, blocks);
            return blocks;
        }
        source.get(at, stored, 0, bytes);
        switch (kind) {
            case F64 -> doubles(blocks);
            case F16 -> halves(blocks);
            case BF16 -> brains(blocks);
            default -> blocks(blocks);
        }
        return blocks * kind.blockElements();
    }

    private void doubles(int elements) {
        for (int i = 0; i < elements; i++) {
            decoded[i] = (float) Double.longBitsToDouble(StoredNumbers.int64(stored, 8 * i));
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

package modelpatch.export.foreign;

import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;

/**
 * A tensor in the copy of a model, to be rewritten byte by byte. It knows how many of its bytes differ from the model's, whatever order they
 * were written in and however often.
 */
final class CopiedTensor {
    private final String name;
    private final ByteBuffer original;
    private final MappedByteBuffer copy;
    private long changed;

    /**
     * @param original only read
     * @param copy the same place in the copied file; modified
     */
    CopiedTensor(String name, ByteBuffer original, MappedByteBuffer copy) {
        this.name = name;
        this.original = original;
        this.copy = copy;
    }

    String name() {
        return name;
    }

    byte get(int at) {
        return copy.get(at);
    }

    void put(int at, byte value) {
        byte before = original.get(at);
        changed += (value == before ? 0 : 1) - (copy.get(at) == before ? 0 : 1);
        copy.put(at, value);
    }

    /** Bytes that differ from the model's by what was put since this was opened. */
    long changed() {
        return changed;
    }

    void force() {
        copy.force();
    }
}

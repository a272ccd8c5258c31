package modelpatch.checkpoint;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/** The bytes of a file from its start on, little endian, of which only a window is kept: a header whose length nothing says. */
final class HeaderBytes {
    private static final int WINDOW = 1 << 16;

    private final OpenFile file;
    private ByteBuffer window = ByteBuffer.allocate(0);
    /** Where the window begins in the file. */
    private long start;

    HeaderBytes(OpenFile file) {
        this.file = file;
    }

    long position() {
        return start + window.position();
    }

    /** Bytes between here and the end of the file. */
    long remaining() {
        return file.size() - position();
    }

    byte get() {
        return next(Byte.BYTES).get();
    }

    short getShort() {
        return next(Short.BYTES).getShort();
    }

    int getInt() {
        return next(Integer.BYTES).getInt();
    }

    long getLong() {
        return next(Long.BYTES).getLong();
    }

    float getFloat() {
        return next(Float.BYTES).getFloat();
    }

    double getDouble() {
        return next(Double.BYTES).getDouble();
    }

    /** So many bytes as an array of their own. */
    byte[] get(int count) {
        byte[] bytes = new byte[count];
        next(count).get(bytes);
        return bytes;
    }

    /** The window, once it has so many bytes from here on. */
    private ByteBuffer next(int bytes) {
        if (window.remaining() < bytes) {
            if (remaining() < bytes) {
                throw new BufferUnderflowException();
            }
            long at = position();
            window = file.bytes(at, Math.min(file.size() - at, Math.max(bytes, WINDOW)));
            start = at;
        }
        return window;
    }
}

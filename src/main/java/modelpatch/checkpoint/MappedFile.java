package modelpatch.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import modelpatch.BadInput;

/**
 * A file opened for reading, mapped into memory. A mapping lives for as long as a buffer over it is reachable, also after this is closed, so
 * no view can dangle.
 */
final class MappedFile implements AutoCloseable {
    /** The longest slice that lies in one mapping wherever it begins, in bytes. */
    static final int SLICE = 1 << 30;

    private final Path path;
    private final FileChannel channel;
    private final long size;
    private final int stride;
    /** One mapping from every multiple of the stride; each reaches a stride into the next, so that slices cross no border. */
    private final ByteBuffer[] maps;

    private MappedFile(Path path, FileChannel channel, int stride) throws IOException {
        this.path = path;
        this.channel = channel;
        this.size = channel.size();
        this.stride = stride;
        this.maps = new ByteBuffer[Math.toIntExact(Math.max(1, (size + stride - 1) / stride))];
        for (int i = 0; i < maps.length; i++) {
            long start = (long) i * stride;
            long length = Math.min(size - start, Math.min(2L * stride, Integer.MAX_VALUE));
            maps[i] = channel.map(MapMode.READ_ONLY, start, length);
        }
    }

    static MappedFile open(Path path) {
        return open(path, SLICE);
    }

    /** @param stride bytes from the start of one mapping to that of the next */
    static MappedFile open(Path path, int stride) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            return new MappedFile(path, channel, stride);
        } catch (IOException e) {
            BadInput unreadable = BadInput.reading(path, e);
            if (channel != null) {
                try {
                    channel.close();
                } catch (IOException closing) {
                    unreadable.addSuppressed(closing);
                }
            }
            throw unreadable;
        }
    }

    Path path() {
        return path;
    }

    long size() {
        return size;
    }

    /** The start of the file, up to 2 GB: read-only, little endian, position 0. */
    ByteBuffer head() {
        return maps[0].duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Bytes of the file without a copy: read-only, little endian. The range lies within the file.
     *
     * @param length below 2 GB; up to a stride it costs no mapping of its own
     */
    ByteBuffer slice(long offset, long length) {
        try {
            int map = (int) Math.min(offset / stride, maps.length - 1);
            long start = offset - (long) map * stride;
            ByteBuffer slice = start + length <= maps[map].capacity()
                    ? maps[map].slice((int) start, (int) length)
                    : channel.map(MapMode.READ_ONLY, offset, length);
            return slice.order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw BadInput.reading(path, e);
        }
    }

    /**
     * Hands over bytes of the file one part after the other, read and not mapped: what has been seen need not stay in memory, however large the
     * range. Works after {@link #close} too.
     *
     * @param part bytes of a part; the last one may be shorter
     * @param sink takes each part before it returns; the buffer, little endian, is used again
     */
    void read(long offset, long length, int part, IoConsumer<ByteBuffer> sink) throws IOException {
        ByteBuffer buffer =
                ByteBuffer.allocateDirect((int) Math.min(part, length)).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel reader = FileChannel.open(path, StandardOpenOption.READ)) {
            for (long done = 0; done < length; done += part) {
                buffer.clear().limit((int) Math.min(part, length - done));
                while (buffer.hasRemaining()) {
                    if (reader.read(buffer, offset + done + buffer.position()) < 0) {
                        throw new EOFException(path + " became shorter");
                    }
                }
                sink.accept(buffer.flip());
            }
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw BadInput.reading(path, e);
        }
    }
}

package modelpatch.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;
import modelpatch.BadInput;

/**
 * A file opened for reading. Its bytes are read and never mapped: memory over a file that somebody cuts is gone, and the process with it. What is
 * read later is of the file that was opened, or it is refused; a file replaced under its name stays readable until this is closed.
 */
final class OpenFile implements AutoCloseable {
    private final Path path;
    private final FileChannel channel;
    private final Identity identity;

    /** What tells one state of a file from another: which file it is (null where the system has no such thing), how long, when written. */
    private record Identity(Object key, long size, FileTime written) {
        static Identity of(Path path) throws IOException {
            BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
            return new Identity(now.fileKey(), now.size(), now.lastModifiedTime());
        }

        /** Whether another file has taken the name. */
        boolean isOfAnother(Identity now) {
            return !Objects.equals(key, now.key);
        }
    }

    private OpenFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.identity = Identity.of(path);
    }

    static OpenFile open(Path path) {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            return new OpenFile(path, channel);
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

    /** Bytes that it had when it was opened. */
    long size() {
        return identity.size();
    }

    /**
     * A copy of bytes of the file, little endian.
     *
     * @param length below 2 GB; the range lies within the file
     * @throws BadInput where the file is no longer what was opened
     */
    ByteBuffer bytes(long offset, long length) {
        ByteBuffer bytes = part(offset, length);
        requireUnchanged();
        return bytes;
    }

    /** As {@link #bytes}, for one of many; whoever has them all asks {@link #requireUnchanged} before they are used. */
    ByteBuffer part(long offset, long length) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
        try {
            read(offset, bytes);
        } catch (IOException e) {
            throw BadInput.reading(path, e);
        }
        return bytes.flip();
    }

    /**
     * Hands over bytes of the file one part after the other: what has been seen need not stay in memory, however large the range. Works after
     * {@link #close} too.
     *
     * @param part bytes of a part; the last one may be shorter
     * @param sink takes each part before it returns; the buffer, little endian, is used again
     * @throws BadInput where the file is no longer what was opened
     */
    void read(long offset, long length, int part, IoConsumer<ByteBuffer> sink) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(part, length)).order(ByteOrder.LITTLE_ENDIAN);
        for (long done = 0; done < length; done += part) {
            buffer.clear().limit((int) Math.min(part, length - done));
            read(offset + done, buffer);
            requireUnchanged();
            sink.accept(buffer.flip());
        }
    }

    /** Fills a buffer; an interrupted thread, or closing, may have closed the channel, and the file is opened anew. */
    private void read(long offset, ByteBuffer target) throws IOException {
        if (channel.isOpen()) {
            try {
                read(channel, offset, target);
                return;
            } catch (ClosedChannelException closed) {
                target.rewind();
            }
        }
        try (FileChannel again = FileChannel.open(path, StandardOpenOption.READ)) {
            if (identity.isOfAnother(Identity.of(path))) {
                throw changed("another file of the name", null);
            }
            read(again, offset, target);
        }
    }

    private void read(FileChannel from, long offset, ByteBuffer target) throws IOException {
        while (target.hasRemaining()) {
            if (from.read(target, offset + target.position()) < 0) {
                throw changed(from.size() + " bytes", new EOFException());
            }
        }
    }

    /** @throws BadInput where the file was written since it was opened; one that was removed or replaced stays what it was for who has it open */
    void requireUnchanged() {
        try {
            Identity now = Identity.of(path);
            if (!identity.isOfAnother(now) && !identity.equals(now)) {
                throw changed(now.size() + " bytes, written at " + now.written(), null);
            }
        } catch (NoSuchFileException removed) {
            return;
        } catch (IOException e) {
            throw BadInput.reading(path, e);
        }
    }

    private BadInput changed(String found, Throwable cause) {
        return new BadInput(
                        "changed while it was in use",
                        path.toString(),
                        identity.size() + " bytes, written at " + identity.written(),
                        found,
                        "let nobody write it in place, and run the command again")
                .causedBy(cause);
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

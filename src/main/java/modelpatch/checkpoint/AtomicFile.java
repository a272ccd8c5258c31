package modelpatch.checkpoint;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import modelpatch.BadInput;

/**
 * Writes files so that a reader, a crash or a full disk meets the old state or the new one: to a {@link Claim} in the same directory, forced
 * to the disk, then moved over the target in one step. What fails or is interrupted leaves no temporary file behind, and what a killed process
 * left is removed by the next write.
 */
public final class AtomicFile {
    private static final int BUFFER = 1 << 16;

    private AtomicFile() {}

    /**
     * Writes a file whose size is not known beforehand. Missing directories above it are made.
     *
     * @param target replaced where it exists; a symbolic link stays and what it points to is replaced
     * @throws BadInput where the file system refuses, after which the old state is unchanged
     */
    public static void write(Path target, IoConsumer<OutputStream> content) {
        channel(target, 0, channel -> {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
            content.accept(out);
            out.flush();
        });
    }

    /**
     * Writes a file through its channel, once there is room for it.
     *
     * @param bytes how many will be written, 0 where that is not known
     */
    public static void channel(Path target, long bytes, IoConsumer<FileChannel> content) {
        try {
            Path real = Files.isSymbolicLink(target) ? target.toRealPath() : target.toAbsolutePath();
            Path directory = real.getParent();
            Files.createDirectories(directory);
            requireRoom(target, directory, bytes);
            try (Claim claim = Claim.beside(real)) {
                try {
                    content.accept(claim.channel());
                    claim.channel().force(true);
                } catch (IOException e) {
                    throw trouble(target, claim.channel().size(), bytes, e);
                } catch (UncheckedIOException e) { // from libraries that write in lambdas
                    throw trouble(target, claim.channel().size(), bytes, e.getCause());
                }
                Files.move(claim.file(), real, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            forceDirectory(directory);
        } catch (IOException e) {
            throw trouble(target, 0, bytes, e);
        }
    }

    /** Writes a file that holds what another does. */
    public static void copy(Path from, Path to) {
        try {
            byte[] bytes = Files.readAllBytes(from);
            write(to, out -> out.write(bytes));
        } catch (IOException e) {
            throw BadInput.reading(from, e);
        }
    }

    /** Writes a buffer's remaining bytes where a channel stands. */
    public static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static void requireRoom(Path target, Path directory, long bytes) throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (bytes > free) {
            throw full(target, bytes + " bytes", free);
        }
    }

    private static BadInput trouble(Path target, long written, long bytes, IOException e) {
        String message = String.valueOf(e.getMessage());
        boolean full = message.contains("No space left")
                || message.contains("not enough space")
                || message.contains("quota exceeded");
        if (!full) {
            return BadInput.of(
                            target.toString(),
                            "cannot be written: " + BadInput.reason(e) + "; the old state is unchanged")
                    .causedBy(e);
        }
        String needed = bytes > 0 ? bytes + " bytes" : "more than the " + written + " bytes written so far";
        return full(target, needed, target.toAbsolutePath().getParent().toFile().getUsableSpace())
                .causedBy(e);
    }

    private static BadInput full(Path target, String needed, long free) {
        return new BadInput(
                "disk full",
                target.toString(),
                "room for " + needed,
                free + " bytes free",
                "make room or choose another place; the old state is unchanged");
    }

    /** Makes the move itself last through a power cut, where the system can do that for directories. */
    private static void forceDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows opens no directories. The file is complete either way; only its name may be the old one.
            return;
        }
    }
}

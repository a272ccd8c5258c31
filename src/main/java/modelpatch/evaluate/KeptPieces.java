package modelpatch.evaluate;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import modelpatch.BadInput;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.checkpoint.Sha256;
import modelpatch.document.ReportJson;

/**
 * Pieces that are kept in a directory, one file each, whole or not at all. A file that is damaged counts as absent. Of several processes on the
 * same work one does a piece and the others wait for it.
 */
public final class KeptPieces implements Pieces {
    private static final String SUFFIX = ".json";

    /** A file lock says nothing between the threads of one process. */
    private static final Map<Path, Object> HERE = new ConcurrentHashMap<>();

    private final Path directory;

    /** @param directory of this work alone, in one for such works; both are made when the first piece is kept and removed with the last */
    public KeptPieces(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    @Override
    public <T> T of(String name, TypeReference<T> type, Supplier<T> work) {
        Path file = file(name);
        Optional<T> kept = read(file, type);
        if (kept.isPresent()) {
            return kept.orElseThrow();
        }
        synchronized (HERE.computeIfAbsent(file, one -> new Object())) {
            try (Turn turn = Turn.at(directory.resolve("lock." + file.getFileName()))) {
                return read(file, type).orElseGet(() -> keep(file, work.get()));
            }
        }
    }

    private Path file(String name) {
        return directory.resolve(Sha256.of(name).substring(0, 32) + SUFFIX);
    }

    /** Whether what a piece gave can be read. */
    boolean has(Piece<?> piece) {
        return read(file(piece.name()), piece.type()).isPresent();
    }

    /**
     * Keeps what another machine made of a piece.
     *
     * @param json as {@link ReportJson} writes it
     * @throws BadInput where it cannot be kept
     */
    void put(Piece<?> piece, byte[] json) {
        AtomicFile.write(file(piece.name()), out -> out.write(json));
    }

    /** The right to do a piece, waited for; without one where there is no writing, or another run has just forgotten the directory. */
    private record Turn(Optional<FileChannel> channel) implements AutoCloseable {
        static Turn at(Path lock) {
            try {
                Files.createDirectories(lock.getParent());
                FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                channel.lock();
                return new Turn(Optional.of(channel));
            } catch (IOException nothingIsKept) {
                return new Turn(Optional.empty());
            }
        }

        @Override
        public void close() {
            try {
                if (channel.isPresent()) {
                    channel.orElseThrow().close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What cannot be kept is done again some day; that is no reason to end the work. */
    private static <T> T keep(Path file, T result) {
        try {
            AtomicFile.write(file, out -> ReportJson.mapper().writeValue(out, result));
        } catch (UncheckedIOException | BadInput nothingIsKept) {
            return result;
        }
        return result;
    }

    private static <T> Optional<T> read(Path file, TypeReference<T> type) {
        try {
            return Files.exists(file)
                    ? Optional.of(ReportJson.mapper().readValue(Files.readString(file), type))
                    : Optional.empty();
        } catch (IOException damaged) {
            return Optional.empty();
        }
    }

    /** How many pieces are kept. */
    public int count() {
        int count = 0;
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "[0-9a-f]*" + SUFFIX)) {
                for (Path ignored : files) {
                    count++;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return count;
    }

    /** Forgets every piece: the work is done, or begins anew. */
    public void forget() {
        if (Files.isDirectory(directory)) {
            try {
                try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
                    for (Path file : files) {
                        Files.deleteIfExists(file);
                    }
                }
                Files.deleteIfExists(directory);
                Files.deleteIfExists(directory.getParent());
            } catch (DirectoryNotEmptyException others) {
                return; // another run has begun to keep something there
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

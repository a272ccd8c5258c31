package modelpatch.evaluate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import modelpatch.Versions;
import modelpatch.checkpoint.Sha256;
import modelpatch.model.TokenIds;

/**
 * What one model wrote under one protocol, kept in a file over many commands: what a repair asks the model that nobody has changed is the same
 * for every case. Lines are only ever added, whole, so several processes may share the file; a line that is damaged counts as absent, and where
 * nothing can be written nothing is kept.
 */
public final class KeptContinuations {
    private final Optional<Path> file;
    private final Map<String, int[]> known = new HashMap<>();

    private KeptContinuations(Optional<Path> file) {
        this.file = file;
        file.ifPresent(this::read);
    }

    /** Nothing is kept. */
    static KeptContinuations none() {
        return new KeptContinuations(Optional.empty());
    }

    /**
     * Those of a model, as this machine computes it, in a directory of many such files.
     *
     * @param model names the model with the patches on it and how it is read
     * @param protocol under which it is asked
     */
    public static KeptContinuations in(Path directory, String model, Protocol protocol) {
        String name = Sha256.of(String.join("\n", "continuations 1", Versions.computing(), model, protocol.identity()));
        return new KeptContinuations(Optional.of(directory.resolve(name.substring(0, 32) + ".ids")));
    }

    /** @param question what was asked, and how its end is told */
    Optional<int[]> of(String question) {
        return Optional.ofNullable(known.get(key(question)));
    }

    /** Keeps what was written, token by token, in answer to some questions. */
    void keep(Map<String, int[]> written) {
        if (file.isEmpty()) {
            return;
        }
        StringBuilder lines = new StringBuilder();
        written.forEach((question, ids) -> {
            if (known.putIfAbsent(key(question), ids) == null) {
                String line = key(question) + " " + TokenIds.text(ids);
                lines.append(line).append(' ').append(check(line)).append('\n');
            }
        });
        append(lines.toString());
    }

    private void append(String lines) {
        if (lines.isEmpty()) {
            return;
        }
        Path path = file.orElseThrow();
        try {
            Files.createDirectories(path.getParent());
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                channel.write(ByteBuffer.wrap(lines.getBytes(StandardCharsets.US_ASCII)));
            }
        } catch (IOException nothingIsKept) {
            // the model is asked again some day, which is no reason to end the work
            return;
        }
    }

    private void read(Path path) {
        if (!Files.isRegularFile(path)) {
            return;
        }
        try (Stream<String> lines = Files.lines(path, StandardCharsets.ISO_8859_1)) {
            lines.forEach(this::take);
        } catch (IOException | UncheckedIOException unreadable) {
            known.clear();
        }
    }

    private void take(String line) {
        int key = line.indexOf(' ');
        int end = line.lastIndexOf(' ');
        if (key < end && line.substring(end + 1).equals(check(line.substring(0, end)))) {
            known.put(line.substring(0, key), TokenIds.read(line.substring(key + 1, end)));
        }
    }

    private static String key(String question) {
        return Sha256.of(question).substring(0, 32);
    }

    private static String check(String line) {
        CRC32 crc = new CRC32();
        crc.update(line.getBytes(StandardCharsets.ISO_8859_1));
        return Long.toHexString(crc.getValue());
    }
}

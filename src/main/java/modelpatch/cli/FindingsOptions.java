package modelpatch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.locate.Findings;
import modelpatch.locate.FindingsFile;
import picocli.CommandLine.Option;

/** Which findings a command goes by. */
final class FindingsOptions {
    /** Where findings lie where nobody says otherwise. */
    static final Path DIRECTORY = Path.of("findings");

    @Option(
            names = "--findings",
            paramLabel = "FILE",
            description = "what `patch find` wrote (default: the newest file in findings/)")
    Path file;

    /** The file that was named, or the newest. */
    Path resolve() {
        if (file != null) {
            return file;
        }
        return newest().orElseThrow(() -> new BadInput(
                "no findings",
                DIRECTORY.toString(),
                "a file that `patch find` wrote",
                "none",
                "run `patch find` first, or give --findings FILE"));
    }

    private static Optional<Path> newest() {
        if (!Files.isDirectory(DIRECTORY)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(path -> path.getFileName().toString().endsWith(".json"))
                    .max(Comparator.comparing(FindingsOptions::modified).thenComparing(Path::toString));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime modified(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The findings.
     *
     * @param digest of the model that they must be of
     */
    Findings read(String digest) {
        return FindingsFile.read(resolve(), digest);
    }
}

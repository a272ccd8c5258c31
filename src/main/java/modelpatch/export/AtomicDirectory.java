package modelpatch.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import modelpatch.BadInput;

/** Directories that appear whole: filled under a temporary name beside their own, then moved in one step. */
final class AtomicDirectory {
    private AtomicDirectory() {}

    static boolean isEmpty(Path directory) {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw BadInput.of(directory.toString(), "cannot be read: " + e.getMessage())
                    .causedBy(e);
        }
    }

    /** Moves a filled directory to its name; an empty directory there gives way. */
    static void move(Path filled, Path target) throws IOException {
        Files.deleteIfExists(target);
        Files.move(filled, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes a directory and what is in it, where it is still there. */
    static void remove(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package modelpatch.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import modelpatch.BadInput;

/** Directories that appear whole: filled under a temporary name beside their own, then moved in one step. */
final class AtomicDirectory {
    private static final String TEMPORARY = ".tmp";

    private AtomicDirectory() {}

    /** Puts files into a directory and says something about them. */
    @FunctionalInterface
    interface Filling<T> {
        T fill(Path directory) throws IOException;
    }

    /**
     * Fills a directory under a temporary name and moves it to its own when what is said about it is good.
     *
     * @param target does not exist yet or is empty
     * @throws BadInput when the target is taken or cannot be written; nothing is left behind then
     */
    static <T> T write(Path target, Filling<T> filling, Predicate<T> good) {
        if (Files.exists(target) && !isEmpty(target)) {
            throw new BadInput(
                    "target is taken",
                    target.toString(),
                    "a directory that does not exist yet",
                    "one with files in it",
                    "choose another name or remove it");
        }
        Path absolute = target.toAbsolutePath().normalize();
        try {
            Path temporary = begin(absolute);
            try {
                T said = filling.fill(temporary);
                if (good.test(said)) {
                    move(temporary, absolute);
                }
                return said;
            } finally {
                remove(temporary);
            }
        } catch (IOException e) {
            throw BadInput.writing(target, e);
        }
    }

    /** A new empty directory beside the target to fill; what killed processes left there for the same target is removed first. */
    private static Path begin(Path target) throws IOException {
        String stem = "." + target.getFileName() + ".";
        Path parent = target.getParent();
        Files.createDirectories(parent);
        try (Stream<Path> siblings = Files.list(parent)) {
            siblings.filter(path -> isLeftOver(path.getFileName().toString(), stem))
                    .toList()
                    .forEach(AtomicDirectory::remove);
        }
        return Files.createDirectories(
                parent.resolve(stem + ProcessHandle.current().pid() + TEMPORARY));
    }

    private static boolean isLeftOver(String name, String stem) {
        if (!name.startsWith(stem)
                || !name.endsWith(TEMPORARY)
                || name.length() <= stem.length() + TEMPORARY.length()) {
            return false;
        }
        String pid = name.substring(stem.length(), name.length() - TEMPORARY.length());
        return pid.chars().allMatch(Character::isDigit)
                && pid.length() < 19
                && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
    }

    private static boolean isEmpty(Path directory) {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            throw BadInput.reading(directory, e);
        }
    }

    /** Moves a filled directory to its name; an empty directory there gives way. */
    private static void move(Path filled, Path target) throws IOException {
        Files.deleteIfExists(target);
        Files.move(filled, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes a directory and what is in it, where it is still there. */
    private static void remove(Path directory) {
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

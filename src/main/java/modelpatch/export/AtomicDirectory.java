package modelpatch.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.checkpoint.Claim;

/** Directories that appear whole: filled under a temporary name beside their own, then moved in one step. */
final class AtomicDirectory {
    private static final String FILLED = ".d";

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
            Files.createDirectories(absolute.getParent());
            try (Claim claim = Claim.beside(absolute)) {
                removeLeftOvers(absolute);
                Path temporary = Files.createDirectory(directoryOf(claim.file()));
                try {
                    T said = filling.fill(temporary);
                    if (good.test(said)) {
                        move(temporary, absolute);
                    }
                    return said;
                } finally {
                    remove(temporary);
                }
            }
        } catch (IOException e) {
            throw BadInput.writing(target, e);
        }
    }

    /** The directory that is filled under a claim. */
    private static Path directoryOf(Path claim) {
        return claim.resolveSibling(claim.getFileName() + FILLED);
    }

    /** Removes directories that killed processes left: those whose claim nobody holds. Earlier versions gave the directory the claim's name. */
    private static void removeLeftOvers(Path target) throws IOException {
        try (Stream<Path> siblings = Files.list(target.getParent())) {
            for (Path sibling : siblings.toList()) {
                String name = sibling.getFileName().toString();
                String claim = name.endsWith(FILLED) ? name.substring(0, name.length() - FILLED.length()) : name;
                if (Claim.isClaim(claim, target)
                        && Files.isDirectory(sibling, LinkOption.NOFOLLOW_LINKS)
                        && (claim.equals(name) || !Claim.removeUnlessHeld(sibling.resolveSibling(claim)))) {
                    remove(sibling);
                }
            }
        }
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

package modelpatch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/** A folder that one user alone can enter, below one that all may write to: for a user without a home. */
final class OwnFolder {
    private static final Set<PosixFilePermission> ONLY_OWNER = PosixFilePermissions.fromString("rwx------");

    private OwnFolder() {}

    /** Whether the user has a home that can be written to. */
    static boolean homeStands() {
        Path home = Path.of(System.getProperty("user.home", "?"));
        return home.isAbsolute() && Files.isDirectory(home) && Files.isWritable(home);
    }

    /** That of this user in the system's folder for temporary files. */
    static Path forTemporaryFiles() {
        return below(Path.of(System.getProperty("java.io.tmpdir")), System.getProperty("user.name"));
    }

    /**
     * Makes the folder, or takes the one that is there.
     *
     * @throws BadInput where that one is somebody else's, or a link, or open to others
     */
    static Path below(Path shared, String user) {
        Path folder =
                shared.resolve("modelpatch-" + user.replaceAll("[^\\w.-]", "_")).toAbsolutePath();
        try {
            if (!Files.getFileStore(shared).supportsFileAttributeView("posix")) {
                return Files.createDirectories(folder);
            }
            try {
                return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(ONLY_OWNER));
            } catch (FileAlreadyExistsException e) {
                return checked(folder, Files.createTempFile(shared, "modelpatch", ""));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As it is; the file of our own, by which the file system says who we are, is deleted. */
    private static Path checked(Path folder, Path mine) throws IOException {
        UserPrincipal me = Files.getOwner(mine);
        Files.delete(mine);
        PosixFileAttributes found = Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!found.isDirectory() || !found.owner().equals(me) || !ONLY_OWNER.containsAll(found.permissions())) {
            throw new BadInput(
                    "the folder for what is kept is not this user's alone",
                    folder.toString(),
                    "a folder of " + me.getName() + " with permissions " + PosixFilePermissions.toString(ONLY_OWNER),
                    (found.isDirectory() ? "a folder of " : "something else of ")
                            + found.owner().getName() + " with permissions "
                            + PosixFilePermissions.toString(found.permissions()),
                    "remove it, or give the user a home");
        }
        return folder;
    }
}

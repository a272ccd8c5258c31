package modelpatch.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A new file, {@code .NAME.RANDOM.tmp} beside what it is made for, which its maker holds by a lock of the operating system until it is closed.
 * Whoever dies lets go of the lock, so what killed processes left can be told from what is being written, whatever their process numbers
 * were: in containers they are all alike. The name cannot be foreseen and an existing file is never opened, so nothing planted there is followed.
 */
public final class Claim implements Closeable {
    static final String SUFFIX = ".tmp";

    private static final SecureRandom NAMES = new SecureRandom();
    /** What this process holds: opening and closing such a file would let go of its lock. An interrupted program removes them. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> HELD.forEach(Claim::remove)));
        } catch (IllegalStateException ending) {
            // the first file of a program may be what it rescues after Ctrl-C; then it is waited for and needs no
            // sweeping
        }
    }

    private final Path file;
    private final FileChannel channel;

    private Claim(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Removes what dead processes left beside a target and makes a new file there.
     *
     * @param target absolute; its directory exists
     */
    public static Claim beside(Path target) throws IOException {
        sweep(target);
        while (true) {
            Path file = target.resolveSibling(stem(target) + random() + SUFFIX);
            HELD.add(file);
            try {
                FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                lock(channel);
                if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                    return new Claim(file, channel);
                }
                channel.close(); // another process swept it before it was locked
            } catch (FileAlreadyExistsException taken) { // one name in 2^64
                HELD.remove(file);
                continue;
            } catch (IOException e) {
                remove(file);
                HELD.remove(file);
                throw e;
            }
            HELD.remove(file);
        }
    }

    public Path file() {
        return file;
    }

    /** Where its bytes go. */
    public FileChannel channel() {
        return channel;
    }

    /** Lets go, and removes the file where it still has its name. */
    @Override
    public void close() throws IOException {
        remove(file);
        channel.close();
        HELD.remove(file);
    }

    /** Removes files beside a target that look like claims on it and that nobody holds, of any program version. */
    private static void sweep(Path target) throws IOException {
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(
                target.getParent(), path -> isClaim(path.getFileName().toString(), target))) {
            for (Path sibling : siblings) {
                if (Files.isRegularFile(sibling, LinkOption.NOFOLLOW_LINKS)) {
                    removeUnlessHeld(sibling);
                }
            }
        }
    }

    /** Whether a name is that of a claim on a target; earlier versions put a process number and a count where the random part is. */
    public static boolean isClaim(String name, Path target) {
        String stem = stem(target);
        int end = name.length() - SUFFIX.length();
        return name.startsWith(stem)
                && name.endsWith(SUFFIX)
                && end > stem.length()
                && name.substring(stem.length(), end).matches("[0-9a-f-]+");
    }

    /**
     * Removes what a dead process left. It is removed while this process holds its lock, so that a maker who had created but not yet locked it
     * notices.
     *
     * @return whether a living process holds it
     */
    public static boolean removeUnlessHeld(Path claim) {
        if (HELD.contains(claim)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(claim, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                return true;
            }
            Files.deleteIfExists(claim);
            return false;
        } catch (NoSuchFileException gone) {
            return false;
        } catch (OverlappingFileLockException | IOException unknown) {
            return true; // another thread looks at it, or a file system that has no locks
        }
    }

    private static void lock(FileChannel channel) {
        try {
            channel.lock();
        } catch (IOException noLocks) {
            // a file system without locks: nothing can be told apart there, so nothing is swept either
            return;
        }
    }

    private static String stem(Path target) {
        return "." + target.getFileName() + ".";
    }

    private static String random() {
        byte[] bytes = new byte[8];
        NAMES.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // What made the writing fail is reported by the caller, and is why this failed too.
            return;
        }
    }
}

package modelpatch.checkpoint;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import modelpatch.BadInput;

/** Turns what the file system refuses into one message with its remedy. */
final class FileTrouble {
    private FileTrouble() {}

    static BadInput reading(Path path, IOException cause) {
        return BadInput.of(path.toString(), "cannot be read: " + reason(cause)).causedBy(cause);
    }

    static BadInput writing(Path path, IOException cause) {
        return BadInput.of(path.toString(), "cannot be written: " + reason(cause) + "; the old state is unchanged")
                .causedBy(cause);
    }

    private static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof FileSystemException trouble && trouble.getReason() != null) {
            return trouble.getReason();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}

package modelpatch;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Something a user gave that cannot be used: a file, a flag, a prompt. It carries what is wrong, where, what was expected, what was found
 * and what to do; the command line prints exactly that and exits with 2.
 */
public final class BadInput extends RuntimeException {
    /** Characters of what a message may quote from a file: of a damaged one it could be all of it. */
    private static final int LONGEST_PART = 800;

    /** Characters of what may have been expected: mostly a choice of names, but it too may hold what another file says. */
    private static final int LONGEST_CHOICE = 4000;

    private final String where;

    /**
     * @param what what is wrong, in a few words
     * @param where the file, line, tensor, flag or field that holds it
     * @param expected what would have been accepted
     * @param found what stands there instead
     * @param remedy what the user can do
     */
    public BadInput(String what, String where, String expected, String found, String remedy) {
        super(Visible.text(where) + ": " + shortened(what, LONGEST_PART) + ": expected "
                + shortened(expected, LONGEST_CHOICE) + ", found " + shortened(found, LONGEST_PART) + "; "
                + Visible.text(remedy));
        this.where = Visible.text(where);
    }

    private BadInput(String where, String message) {
        super(Visible.text(where) + ": " + Visible.text(message));
        this.where = Visible.text(where);
    }

    private static String shortened(String part, int longest) {
        String text = String.valueOf(part);
        String seen = Visible.text(text.substring(0, Math.min(longest, text.length())));
        return text.length() <= longest && seen.length() <= longest
                ? seen
                : seen.substring(0, Math.min(longest, seen.length())) + " ..";
    }

    /** An input for which expected and found say nothing more than the message does. */
    public static BadInput of(String where, String message) {
        return new BadInput(where, message);
    }

    /** A file or folder that the system does not let us read. */
    public static BadInput reading(Path path, IOException cause) {
        return of(path.toString(), "cannot be read: " + reason(cause)).causedBy(cause);
    }

    /** A file or folder that the system does not let us write. */
    public static BadInput writing(Path path, IOException cause) {
        return of(path.toString(), "cannot be written: " + reason(cause)).causedBy(cause);
    }

    /** What the system has against a file, in words: the message of such an exception is often the path alone. */
    public static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (cause instanceof CharacterCodingException) {
            return "it is not UTF-8 text";
        }
        if (cause instanceof FileSystemException trouble && trouble.getReason() != null) {
            return trouble.getReason();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /** The same trouble with its cause, for a trace under {@code -v}. */
    public BadInput causedBy(Throwable cause) {
        initCause(cause);
        return this;
    }

    public String where() {
        return where;
    }
}

package modelpatch;

/**
 * Something a user gave that cannot be used: a file, a flag, a prompt. It carries what is wrong, where, what was expected, what was found
 * and what to do; the command line prints exactly that and exits with 2.
 */
public final class BadInput extends RuntimeException {
    private final String where;

    /**
     * @param what what is wrong, in a few words
     * @param where the file, line, tensor, flag or field that holds it
     * @param expected what would have been accepted
     * @param found what stands there instead
     * @param remedy what the user can do
     */
    public BadInput(String what, String where, String expected, String found, String remedy) {
        super(where + ": " + what + ": expected " + expected + ", found " + found + "; " + remedy);
        this.where = where;
    }

    private BadInput(String where, String message) {
        super(where + ": " + message);
        this.where = where;
    }

    /** An input for which expected and found say nothing more than the message does. */
    public static BadInput of(String where, String message) {
        return new BadInput(where, message);
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

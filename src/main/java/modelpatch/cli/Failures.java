package modelpatch.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.evaluate.Stopped;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one message and an exit code: 2 when the user can correct it, 3 when we must. */
final class Failures {
    static final int BAD_INPUT = 2;
    static final int OUR_FAULT = 3;

    private final Terminal terminal;
    private final boolean json;
    private final boolean verbose;

    /**
     * @param json whether the error is also wanted as a JSON document on stdout
     * @param verbose whether stack traces are wanted
     */
    Failures(Terminal terminal, boolean json, boolean verbose) {
        this.terminal = terminal;
        this.json = json;
        this.verbose = verbose;
    }

    int usage(ParameterException e, ConfigFile config) {
        CommandLine command = e.getCommandLine();
        String where = command.getCommandSpec().qualifiedName();
        String message = e.getMessage();
        if (e.getArgSpec() instanceof CommandLine.Model.OptionSpec option) {
            where = option.longestName();
            String line = config == null ? null : config.where(where.substring(2));
            message += line == null ? "" : " (" + line + ")";
        }
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()) {
            message += "; did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?";
        }
        report(message, where, e);
        remark("see " + command.getCommandSpec().qualifiedName() + " --help");
        return BAD_INPUT;
    }

    int execution(Throwable e) {
        if (e instanceof BadInput bad) {
            return report(bad.getMessage(), bad.where(), bad);
        }
        if (e instanceof Stopped) {
            report("interrupted; nothing was written", "Ctrl-C", e);
            return Interruption.EXIT_CODE;
        }
        IOException io = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : null;
        if (e instanceof IOException checked) {
            io = checked;
        }
        if (io instanceof FileSystemException file && file.getFile() != null) {
            return report(file.getFile() + ": " + reason(file), file.getFile(), e);
        }
        if (e instanceof OutOfMemoryError) {
            return report(
                    "out of memory (" + e.getMessage()
                            + "); give the Java heap more, for example PATCH_JAVA_OPTS=-Xmx6g",
                    "memory",
                    e);
        }
        report("this is our fault: " + e, "modelpatch", e);
        remark("please report the command line, this message and the output of `patch doctor`"
                + (verbose ? "" : "; -v adds the stack trace"));
        return OUR_FAULT;
    }

    private static String reason(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "access denied";
        }
        return e.getReason() == null ? e.toString() : e.getReason();
    }

    private int report(String message, String where, Throwable cause) {
        if (json) {
            terminal.out().println(Document.text(Map.of("error", new ErrorDocument(message, where))));
        }
        terminal.err().println("error: " + message);
        if (verbose) {
            cause.printStackTrace(terminal.err());
        }
        return BAD_INPUT;
    }

    private void remark(String text) {
        terminal.err().println(text);
    }

    /** The form of every error under {@code --json}. */
    record ErrorDocument(String message, String where) {}
}

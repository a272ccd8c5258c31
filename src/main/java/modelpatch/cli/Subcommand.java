package modelpatch.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import modelpatch.BadInput;
import picocli.CommandLine.Mixin;

/** One command: it computes an {@link Answer}, and here the answer is printed in the form that was asked for. */
abstract class Subcommand implements Callable<Integer> {
    @Mixin
    CommonOptions common;

    final Terminal terminal;

    Subcommand(Terminal terminal) {
        this.terminal = terminal;
    }

    abstract Answer answer() throws IOException;

    @Override
    public final Integer call() throws IOException {
        Answer answer = answer();
        if (common.json) {
            Document.print(answer.document(), terminal.out());
        } else {
            terminal.out().println(answer.text().get());
        }
        if (terminal.out().checkError()) {
            throw BadInput.of(
                    "stdout", "the result could not be written; the disk may be full, or the reader has gone");
        }
        return answer.exitCode();
    }

    /** Says something on stderr that is no result, unless {@code -q} asks for silence. */
    final void remark(String text) {
        if (!common.quiet) {
            terminal.err().println(text);
        }
    }

    /** A remark for those who asked for more by {@code -v}. */
    final void detail(String text) {
        if (common.verbose) {
            remark(text);
        }
    }
}

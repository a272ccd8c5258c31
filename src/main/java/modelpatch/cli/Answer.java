package modelpatch.cli;

import java.util.List;
import java.util.function.Supplier;

/**
 * What a command has to say.
 *
 * @param document the record that {@code --json} prints
 * @param text the same for a reader, without the final newline; asked for only when it is printed
 * @param exitCode 0, 1 when the verdict is no, 130 when Ctrl-C left a part
 * @param hints commands that make sense next, printed for a reader below the text
 */
record Answer(Object document, Supplier<String> text, int exitCode, List<Hint> hints) {
    Answer(Object document, Supplier<String> text, int exitCode) {
        this(document, text, exitCode, List.of());
    }

    static Answer of(Object document, Supplier<String> text) {
        return new Answer(document, text, 0);
    }

    /** The same with commands that make sense next. */
    Answer next(Hint... commands) {
        return new Answer(document, text, exitCode, List.of(commands));
    }

    /** The text and, on lines of their own, the commands. */
    String forReader() {
        StringBuilder all = new StringBuilder(text.get());
        hints.forEach(hint ->
                all.append(hint.equals(hints.get(0)) ? "\nnext: " : "\n  or: ").append(hint));
        return all.toString();
    }
}

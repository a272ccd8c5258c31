package modelpatch.cli;

import java.util.function.Supplier;

/**
 * What a command has to say.
 *
 * @param document the record that {@code --json} prints
 * @param text the same for a reader, without the final newline; asked for only when it is printed
 * @param exitCode 0, 1 when the verdict is no, 130 when Ctrl-C left a part
 */
record Answer(Object document, Supplier<String> text, int exitCode) {
    static Answer of(Object document, Supplier<String> text) {
        return new Answer(document, text, 0);
    }
}

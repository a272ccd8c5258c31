package modelpatch.cli;

import java.io.PrintStream;
import modelpatch.Installation;
import modelpatch.document.TextFile;

/** {@code patch help words}: what the words of the output mean. */
final class Glossary {
    private final Terminal terminal;

    Glossary(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Prints docs/glossary.md, wrapped to the terminal. */
    void print() {
        PrintStream out = terminal.out();
        for (String line : TextFile.read(Installation.here().glossary()).split("\n", -1)) {
            if (line.startsWith("- **")) {
                out.println(wrapped(line.substring(2).replace("**", "").replace("`", "")));
            } else if (line.startsWith("## ")) {
                out.println("\n" + line.substring(3));
            }
        }
    }

    private String wrapped(String text) {
        StringBuilder lines = new StringBuilder(" ");
        int column = 1;
        for (String word : text.split(" ", -1)) {
            if (column + 1 + word.length() > terminal.width()) {
                lines.append("\n     ");
                column = 5;
            }
            lines.append(' ').append(word);
            column += 1 + word.length();
        }
        return lines.toString();
    }
}

package modelpatch.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The world as a command sees it: where results and remarks go, whether a person watches, and what time it is.
 *
 * @param out results, and nothing but results
 * @param err progress, remarks and errors
 * @param watched whether {@code err} is a terminal, so that a progress bar makes sense
 * @param colour whether {@code out} takes colours: a terminal, and neither NO_COLOR nor TERM=dumb is set
 * @param fitted whether {@code out} is a terminal, so that tables are wrapped to its columns
 * @param width columns of the terminal
 * @param clock wall clock, for the seconds that reports name
 * @param interruption how Ctrl-C reaches the running command
 */
record Terminal(
        PrintStream out,
        PrintStream err,
        boolean watched,
        boolean colour,
        boolean fitted,
        int width,
        Clock clock,
        Interruption interruption) {

    private static final int USUAL_WIDTH = 100;

    /** The streams of this process. Java cannot ask whether they are terminals, so the launcher says it in {@code modelpatch.terminal}. */
    static Terminal ofProcess() {
        Map<String, String> environment = System.getenv();
        List<String> terminals =
                Arrays.asList(System.getProperty("modelpatch.terminal", "").split(","));
        boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty() || "dumb".equals(environment.get("TERM"));
        return new Terminal(
                new PrintStream(System.out, true, StandardCharsets.UTF_8),
                new PrintStream(System.err, true, StandardCharsets.UTF_8),
                terminals.contains("err"),
                terminals.contains("out") && !plain,
                terminals.contains("out"),
                width(System.getProperty("modelpatch.columns", environment.get("COLUMNS"))),
                Clock.systemUTC(),
                new Interruption());
    }

    private static int width(String columns) {
        return columns != null && columns.matches("[1-9][0-9]{1,3}") ? Integer.parseInt(columns) : USUAL_WIDTH;
    }
}

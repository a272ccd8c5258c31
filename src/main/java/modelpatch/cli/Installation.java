package modelpatch.cli;

import java.nio.file.Path;

/** Where modelpatch itself lies; the launcher says it, and without the launcher it is the working directory. */
final class Installation {
    private static final Path HOME = Path.of(System.getProperty("modelpatch.home", ""));

    private Installation() {}

    /** The embedded models, one folder each. */
    static Path models() {
        return HOME.resolve("models");
    }

    /** One commented configuration per kind of run. */
    static Path configs() {
        return HOME.resolve("configs");
    }

    /** How English says relations and entities, and the few-shot prefixes. */
    static Path eval() {
        return HOME.resolve("eval");
    }
}

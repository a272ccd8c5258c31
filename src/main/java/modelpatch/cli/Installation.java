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

    /** The text that drift is measured on and exported models are compared on. */
    static Path canary() {
        return eval().resolve("canary.txt");
    }

    /** Where what can be computed again is kept: XDG_CACHE_HOME, or .cache under the user's home. */
    static Path cache() {
        String given = System.getProperty("modelpatch.cache", System.getenv().getOrDefault("XDG_CACHE_HOME", ""));
        Path root = given.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(given);
        return root.resolve("modelpatch");
    }
}

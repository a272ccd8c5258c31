package modelpatch;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What comes with modelpatch: the embedded models, sentences and texts to ask with, configurations.
 *
 * @param home the folder that holds models/, eval/ and configs/
 */
public record Installation(Path home) {
    private static final Path CHECKOUT = Path.of("src", "main", "java", "modelpatch", "Installation.java");

    /**
     * This one: where the launcher says; in a checkout of modelpatch the checkout; else what the library's jar holds, unpacked once into the
     * {@link #cache}; and where it holds nothing the working directory.
     */
    public static Installation here() {
        String said = System.getProperty("modelpatch.home");
        if (said != null || Files.exists(CHECKOUT)) {
            return new Installation(Path.of(said == null ? "" : said));
        }
        return new Installation(PackedInstallation.unpacked().orElse(Path.of("")));
    }

    /** The embedded models, one folder each. */
    public Path models() {
        return home.resolve("models");
    }

    /** An embedded model, such as {@code default}. */
    public Path model(String name) {
        return models().resolve(name);
    }

    /** How English says relations. */
    public Path relations() {
        return home.resolve("eval").resolve("relations.yaml");
    }

    /** Demonstrations, by their ids. */
    public Path fewShot() {
        return home.resolve("eval").resolve("few-shot.yaml");
    }

    /** The text that drift is measured on and exported models are compared on. */
    public Path canary() {
        return home.resolve("eval").resolve("canary.txt");
    }

    /** Texts that some methods put prompts into. */
    public Path contexts() {
        return config("contexts.txt");
    }

    /** Beginnings of sentences about anything, for methods that write what a phrase leads to. */
    public Path mentions() {
        return config("mentions.txt");
    }

    /** The limits that a patch must keep. */
    public Path gates() {
        return config("gates.yaml");
    }

    /** Which patches may be used. */
    public Path policy() {
        return config("policy.yaml");
    }

    /** What the words of the output mean. */
    public Path glossary() {
        return home.resolve("docs").resolve("glossary.md");
    }

    /** One of the commented configurations, by its file's name. */
    public Path config(String file) {
        return home.resolve("configs").resolve(file);
    }

    /** Where what can be computed again is kept: XDG_CACHE_HOME, or .cache under the user's home; without a home, an {@link OwnFolder}. */
    public static Path cache() {
        String given = System.getProperty("modelpatch.cache", System.getenv().getOrDefault("XDG_CACHE_HOME", ""));
        if (given.isEmpty() && !OwnFolder.homeStands()) {
            return OwnFolder.forTemporaryFiles();
        }
        Path root = given.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(given);
        return root.resolve("modelpatch");
    }
}

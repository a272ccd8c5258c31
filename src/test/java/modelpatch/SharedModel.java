package modelpatch;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the files of the shared folder lie: the real development model, the conformance checkpoints and the facts. They are too large or
 * not ours to commit, so a test that needs them says so by {@link NeedsSmolLm2} or {@link NeedsShared}.
 *
 * <p>The folder is the system property {@code modelpatch.shared}, else the environment variable {@code MODELPATCH_SHARED}, else
 * {@code ../shared} beside the project.
 */
public final class SharedModel {
    private SharedModel() {}

    /** The shared folder, whether it exists or not. */
    public static Path folder() {
        String property = System.getProperty("modelpatch.shared", System.getenv("MODELPATCH_SHARED"));
        return property == null || property.isBlank() ? Path.of("..", "shared") : Path.of(property);
    }

    /** A file or folder inside {@link #folder()}, for example {@code path("conformance", "gpt2")}. */
    public static Path path(String... segments) {
        Path path = folder();
        for (String segment : segments) {
            path = path.resolve(segment);
        }
        return path;
    }

    /** SmolLM2-135M-Instruct as one GGUF file, its tokenizer.json beside it. */
    public static Path smolLm2() {
        return path("models", "smollm2-135m-instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");
    }

    /** Float64 reference numbers of {@link #smolLm2()}. */
    public static Path smolLm2Golden() {
        return path("models", "smollm2-135m-instruct", "golden.json");
    }

    /** The 960 Wikidata facts to develop with. */
    public static Path facts() {
        return path("data", "wikidata-facts.tsv");
    }

    /** One of the fourteen conformance checkpoints, for example {@code gpt2}. */
    public static Path conformance(String architecture) {
        return path("conformance", architecture);
    }

    static boolean hasSmolLm2() {
        return Files.isReadable(smolLm2()) && Files.isReadable(smolLm2Golden());
    }
}

package modelpatch;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the real development model and the models of every GGUF kind lie: in the shared folder, for they are too large to commit. A test that
 * loads them says so by {@link NeedsSmolLm2} or {@link NeedsShared}.
 *
 * <p>The folder is the system property {@code modelpatch.shared}, else the environment variable {@code MODELPATCH_SHARED}, else
 * {@code ../shared} beside the project.
 */
public final class SharedModel {
    private SharedModel() {}

    /** The shared folder, whether it exists or not. */
    private static Path folder() {
        String property = System.getProperty("modelpatch.shared", System.getenv("MODELPATCH_SHARED"));
        return property == null || property.isBlank() ? Path.of("..", "shared") : Path.of(property);
    }

    /** A file or folder inside {@link #folder()}, for example {@code path("models", "smollm2-135m-instruct")}. */
    private static Path path(String... segments) {
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

    /** A small model in every kind of GGUF that quantises ({@code kinds}) and in mixtures of them ({@code presets}), with reference numbers. */
    public static Path gguf() {
        return path("gguf");
    }

    /** Small checkpoints whose configuration differs in one key from a published one, each with reference numbers. */
    public static Path configCases() {
        return path("config-cases");
    }

    static boolean hasSmolLm2() {
        return Files.isReadable(smolLm2()) && Files.isReadable(smolLm2Golden());
    }
}

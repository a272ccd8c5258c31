package modelpatch;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real models that a script of the shared folder fetches, and that nobody may commit: {@code MODELPATCH_MODELS}, else ~/.cache/modelpatch-models. */
public enum FetchedModel {
    GEMMA_3_270M("gemma-3-270m.Q4_K_M"),
    QWEN_CODER_05B("qwen2.5-coder-0.5b-instruct.Q4_K_M");

    private final String name;

    FetchedModel(String name) {
        this.name = name;
    }

    /** The GGUF file; the test is skipped, with the reason, where it is absent. */
    public Path require() {
        String folder = System.getenv("MODELPATCH_MODELS");
        Path models = folder == null || folder.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "modelpatch-models")
                : Path.of(folder);
        Path file = models.resolve(name + ".gguf");
        Assumptions.assumeTrue(
                Files.isReadable(file),
                () -> file
                        + " is absent; fetch-more.sh of the shared folder brings it (MODELPATCH_MODELS says where it is)");
        return file;
    }

    /** Float64 reference numbers; see src/test/resources/fetched-models. */
    public Path golden() {
        return Path.of("src/test/resources/fetched-models", name + ".json");
    }
}

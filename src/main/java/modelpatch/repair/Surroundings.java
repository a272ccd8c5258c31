package modelpatch.repair;

import java.nio.file.Path;

/**
 * The files that repairing leans on, apart from model and cases.
 *
 * @param canary text to measure drift on, passages parted by blank lines; prompts stand in where the model cannot write it
 * @param contexts texts with a slot {@code {}}, one a line, that some methods put prompts into; sentences of the suite stand in where the
 *     model cannot write them
 * @param cache where second moments and searches are kept, which can be computed again
 */
public record Surroundings(Path canary, Path contexts, Path cache) {
    /**
     * Those of an installation.
     *
     * @param home the folder that holds configs/ and eval/
     */
    public static Surroundings of(Path home, Path cache) {
        return new Surroundings(
                home.resolve("eval").resolve("canary.txt"),
                home.resolve("configs").resolve("contexts.txt"),
                cache);
    }
}

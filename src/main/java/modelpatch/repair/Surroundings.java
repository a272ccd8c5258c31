package modelpatch.repair;

import java.nio.file.Path;
import modelpatch.Installation;

/**
 * The files that repairing leans on, apart from model and cases.
 *
 * @param canary text to measure drift on, passages parted by blank lines; prompts stand in where the model cannot write it
 * @param contexts texts with a slot {@code {}}, one a line, that some methods put prompts into; sentences of the suite stand in where the
 *     model cannot write them
 * @param mentions beginnings of sentences about whatever stands in their slot {@code {}}, one a line; those that the model can write are used
 * @param cache where second moments and searches are kept, which can be computed again
 */
public record Surroundings(Path canary, Path contexts, Path mentions, Path cache) {
    /** Those of an installation, such as {@link Installation#here} with {@link Installation#cache}. */
    public static Surroundings of(Installation installation, Path cache) {
        return new Surroundings(installation.canary(), installation.contexts(), installation.mentions(), cache);
    }
}

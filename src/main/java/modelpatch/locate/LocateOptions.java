package modelpatch.locate;

import modelpatch.BadInput;
import modelpatch.evaluate.ClusterBootstrap;

/**
 * What finding computes, and for how many cases.
 *
 * @param seed decides which cases are taken where a limit stands, wrong bridges, random entities and bootstraps
 * @param measure the effect that heads and layers are ranked by
 * @param windowWidth layers of a window; 0 for a sixth of the model's layers
 * @param mostAtPhraseEnd mediated cases on each side that are mediated at the end of the first hop's phrase too, and not only at the last
 *     token; there a site costs several rows and the ranking settles early; 0 for none
 * @param mostMediated failing cases that are mediated on each side of the suite, 0 for all; the lens reads all failing cases
 * @param mostRight right cases of the choose side that the lens reads for its threshold, 0 for all
 * @param mostNoised right cases of the choose side in which necessity is measured; 0 for none
 * @param randomEntities other entities that are read beside each right case's bridge
 * @param draws resamples of every bootstrap
 */
public record LocateOptions(
        long seed,
        Effect.Measure measure,
        int windowWidth,
        int mostAtPhraseEnd,
        int mostMediated,
        int mostRight,
        int mostNoised,
        int randomEntities,
        int draws) {
    public LocateOptions {
        require("window width", windowWidth, 0);
        require("most mediated cases at the end of the phrase", mostAtPhraseEnd, 0);
        require("most mediated cases", mostMediated, 0);
        require("most right cases", mostRight, 0);
        require("most noised cases", mostNoised, 0);
        require("random entities", randomEntities, 1);
        require("draws", draws, 1);
    }

    private static void require(String what, int found, int least) {
        if (found < least) {
            throw new BadInput(what, "options of find", least + " or more", String.valueOf(found), "leave it out");
        }
    }

    /**
     * Every failing case at the last token, 40 on each side at the end of the phrase too, up to 100 right ones in the lens, 24 of them for
     * necessity; ranked by the logit difference.
     */
    public static LocateOptions defaults(long seed) {
        return new LocateOptions(seed, Effect.Measure.LOGIT_DIFFERENCE, 0, 40, 0, 100, 24, 20, 2000);
    }

    public LocateOptions withMostMediated(int most) {
        return new LocateOptions(
                seed, measure, windowWidth, mostAtPhraseEnd, most, mostRight, mostNoised, randomEntities, draws);
    }

    /** The width of windows in a model of so many layers. */
    int widthFor(int layers) {
        return windowWidth > 0 ? Math.min(windowWidth, layers) : Math.max(1, Math.round(layers / 6f));
    }

    ClusterBootstrap bootstrap() {
        return new ClusterBootstrap(draws, seed);
    }
}

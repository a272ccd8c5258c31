package modelpatch.edit;

import java.util.List;
import java.util.Set;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;

/** Activations at the last positions of prompts, all sites read in one run. */
final class LastRows {
    private final ActivationCache cache;
    private final List<int[]> ids;

    private LastRows(ActivationCache cache, List<int[]> ids) {
        this.cache = cache;
        this.ids = ids;
    }

    /**
     * Runs a model.
     *
     * @param protocol whose few-shot prefix stands before every prompt
     * @param sites what will be asked for
     */
    static LastRows of(LanguageModel model, Protocol protocol, List<String> prompts, Set<Site> sites) {
        PromptEncoder.Parted parted = new PromptEncoder(model, protocol.frame()).parted(prompts);
        return new LastRows(model.run(parted.prefix(), parted.ids(), sites, List.of(), false), parted.ids());
    }

    /** One site, prompts as columns [columns, n]. */
    Matrix at(Site site) {
        float[][] rows = new float[ids.size()][];
        for (int j = 0; j < rows.length; j++) {
            rows[j] = cache.at(j, site, ids.get(j).length - 1);
        }
        return Matrix.ofColumns(rows[0].length, rows);
    }
}

package modelpatch.edit;

import java.util.List;
import java.util.Set;
import modelpatch.evaluate.PromptEncoder;
import modelpatch.evaluate.Protocol;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import org.ejml.data.DMatrixRMaj;

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
        PromptEncoder.Parted parted =
                new PromptEncoder(model, protocol.fewShot().text()).parted(prompts);
        return new LastRows(model.run(parted.prefix(), parted.ids(), sites, List.of(), false), parted.ids());
    }

    /** One site, prompts as columns [columns, n]. */
    DMatrixRMaj at(Site site) {
        DMatrixRMaj matrix = null;
        for (int j = 0; j < ids.size(); j++) {
            float[] row = cache.at(j, site, ids.get(j).length - 1);
            matrix = matrix == null ? new DMatrixRMaj(row.length, ids.size()) : matrix;
            for (int i = 0; i < row.length; i++) {
                matrix.set(i, j, row[i]);
            }
        }
        return matrix;
    }
}

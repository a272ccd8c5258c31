package modelpatch.edit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;

/**
 * The keys of generic prompts on the unedited model: what a matrix reads at their last positions, at every block. They are the same for every edit, so each
 * prompt is run once.
 */
final class BankKeys {
    private static final int BATCH = 64;

    private final LanguageModel model;
    private final EditedMatrix matrix;
    private final UneditedRuns runs;

    /** By prompt, prefix included: [block][d_in]. */
    private final Map<List<Integer>, float[][]> known = new HashMap<>();

    BankKeys(LanguageModel model, EditedMatrix matrix) {
        this.model = model;
        this.matrix = matrix;
        this.runs = new UneditedRuns(model, matrix);
    }

    /** Runs of other prompts on the unedited model, remembered like the keys; new ones for another model. */
    UneditedRuns runs(LanguageModel of) {
        return of == model ? runs : new UneditedRuns(of, matrix);
    }

    /**
     * Keys at one block.
     *
     * @param prefix tokens before every prompt
     * @return [d_in, prompts]
     */
    Matrix at(int[] prefix, List<int[]> prompts, int layer) {
        read(prefix, prompts);
        float[][] keys = new float[prompts.size()][];
        for (int j = 0; j < keys.length; j++) {
            keys[j] = known.get(name(prefix, prompts.get(j)))[layer];
        }
        return Matrix.ofColumns(matrix.inputs(model.config()), keys);
    }

    private void read(int[] prefix, List<int[]> prompts) {
        List<int[]> open = new ArrayList<>();
        for (int[] prompt : prompts) {
            if (!known.containsKey(name(prefix, prompt))) {
                open.add(prompt);
            }
        }
        if (open.isEmpty()) {
            return;
        }
        Set<Site> sites = new LinkedHashSet<>();
        for (int layer = 0; layer < model.config().nLayers(); layer++) {
            sites.add(new Site(matrix.reads(), layer));
        }
        for (int from = 0; from < open.size(); from += BATCH) {
            read(prefix, open.subList(from, Math.min(open.size(), from + BATCH)), sites);
        }
    }

    private void read(int[] prefix, List<int[]> some, Set<Site> sites) {
        ActivationCache cache = model.run(prefix, some, sites, List.of(), false);
        for (int j = 0; j < some.size(); j++) {
            float[][] keys = new float[model.config().nLayers()][];
            for (Site site : sites) {
                keys[site.layer()] = cache.at(j, site, some.get(j).length - 1);
            }
            known.put(name(prefix, some.get(j)), keys);
        }
    }

    private static List<Integer> name(int[] prefix, int[] prompt) {
        List<Integer> name = new ArrayList<>(prefix.length + prompt.length);
        Arrays.stream(prefix).forEach(name::add);
        Arrays.stream(prompt).forEach(name::add);
        return name;
    }
}

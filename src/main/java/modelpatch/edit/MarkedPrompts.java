package modelpatch.edit;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;

/**
 * Prompts in each of which one token is looked at.
 *
 * @param prefix tokens before every prompt
 * @param cases for each prompt the index of its case, from 0
 * @param ids of each prompt, after the prefix
 * @param marks for each prompt the position of its token
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MarkedPrompts(int[] prefix, int[] cases, List<int[]> ids, int[] marks) {
    /** How many cases there are. */
    int count() {
        return 1 + IntStream.of(cases).max().orElse(-1);
    }

    /** The prompts of one case. */
    int[] of(int one) {
        return IntStream.range(0, cases.length).filter(i -> cases[i] == one).toArray();
    }

    /** What a site has at the marked tokens, the mean of each case's prompts, [columns, cases]. */
    Matrix mean(LanguageModel model, Site site) {
        ActivationCache cache = model.run(prefix, ids, Set.of(site), List.of(), false);
        float[][] means = new float[count()][];
        for (int one = 0; one < means.length; one++) {
            int[] own = of(one);
            double[] sum = new double[cache.at(own[0], site, marks[own[0]]).length];
            for (int i : own) {
                float[] row = cache.at(i, site, marks[i]);
                for (int c = 0; c < sum.length; c++) {
                    sum[c] += row[c] / (double) own.length;
                }
            }
            means[one] = new float[sum.length];
            for (int c = 0; c < sum.length; c++) {
                means[one][c] = (float) sum[c];
            }
        }
        return Matrix.ofColumns(means[0].length, means);
    }
}

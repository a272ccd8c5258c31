package modelpatch.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.Site;
import modelpatch.solve.Matrix;

/**
 * The prompts of an edit in which the phrase of the first hops stands: compositions, and sentences that mention it. Beside each the same prompt with
 * the bridge by name.
 *
 * @param prefix tokens before every prompt
 * @param cases for each prompt the index of its case, from 0
 * @param said prompts with the phrase
 * @param ends where each phrase ends
 * @param named the same with the bridge by name
 * @param bridges where each name ends
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Phrases(int[] prefix, int[] cases, List<int[]> said, int[] ends, List<int[]> named, int[] bridges) {
    static Phrases of(EditRequest request) {
        return new Phrases(
                request.prefix(),
                joined(request.cases(), request.mentionCases()),
                joined(request.prompts(Role.EDIT), request.prompts(Role.MENTION)),
                joined(request.ends(Role.EDIT), request.ends(Role.MENTION)),
                joined(request.prompts(Role.GUIDE), request.prompts(Role.NAMED)),
                joined(request.ends(Role.GUIDE), request.ends(Role.NAMED)));
    }

    private static int[] joined(int[] first, int[] second) {
        return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
    }

    private static List<int[]> joined(List<int[]> first, List<int[]> second) {
        List<int[]> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    /** How many cases there are. */
    int count() {
        return 1 + IntStream.of(cases).max().orElse(-1);
    }

    /** The prompts of one case. */
    int[] of(int one) {
        return IntStream.range(0, cases.length).filter(i -> cases[i] == one).toArray();
    }

    /** What a site has at the end of the phrase, the mean of each case's prompts, [columns, cases]. */
    Matrix read(LanguageModel model, Site site) {
        return mean(model, site, said, ends);
    }

    /** What a site has at the end of the bridge's name, the mean of each case's prompts, [columns, cases]. */
    Matrix readNamed(LanguageModel model, Site site) {
        return mean(model, site, named, bridges);
    }

    private Matrix mean(LanguageModel model, Site site, List<int[]> prompts, int[] positions) {
        ActivationCache cache = model.run(prefix, prompts, Set.of(site), List.of(), false);
        float[][] means = new float[count()][];
        for (int one = 0; one < means.length; one++) {
            int[] own = of(one);
            double[] sum = new double[cache.at(own[0], site, positions[own[0]]).length];
            for (int i : own) {
                float[] row = cache.at(i, site, positions[i]);
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

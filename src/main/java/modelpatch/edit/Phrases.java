package modelpatch.edit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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

    /** The prompts with the phrase, its end marked. */
    MarkedPrompts marked() {
        return new MarkedPrompts(prefix, cases, said, ends);
    }

    /** The prompts of one case. */
    int[] of(int one) {
        return marked().of(one);
    }

    /** What a site has at the end of the phrase, the mean of each case's prompts, [columns, cases]. */
    Matrix read(LanguageModel model, Site site) {
        return marked().mean(model, site);
    }

    /** What a site has at the end of the bridge's name, the mean of each case's prompts, [columns, cases]. */
    Matrix readNamed(LanguageModel model, Site site) {
        return new MarkedPrompts(prefix, cases, named, bridges).mean(model, site);
    }
}

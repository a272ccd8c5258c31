package modelpatch.evaluate;

import modelpatch.cases.AskedSuite;
import modelpatch.cases.FewShot;

/**
 * What a model is asked, and how.
 *
 * @param deciding the protocol that decides what counts as right
 */
public record Questions(AskedSuite asked, Protocol deciding) {
    /** Cases asked without demonstrations, as suits a model that was trained on them; the greedy continuation decides. */
    public static Questions bare(AskedSuite asked) {
        return new Questions(
                asked, Protocol.generated(FewShot.none(asked.suite().form())));
    }
}

package modelpatch.evaluate;

import java.util.Optional;

/**
 * One item of a set by which an edit is judged.
 *
 * @param set the set that it belongs to
 * @param id names the item: the case and template that it is made from, after the edited case where that is another one
 * @param edited id of the edited case for whose sake it is asked
 * @param cluster bridge of the edited case; items of one bridge rise and fall together
 * @param question what is asked
 * @param guide the same wording asked of the bridge by name: where the unedited model does not answer that, no edit that composes could make
 *     the item right; empty for an item that is no composition
 */
public record Probe(
        EditSet set, String id, String edited, String cluster, Question question, Optional<Question> guide) {
    /** An item that is no composition, or one for which the guide is of no concern. */
    public Probe(EditSet set, String id, String edited, String cluster, Question question) {
        this(set, id, edited, cluster, question, Optional.empty());
    }
}

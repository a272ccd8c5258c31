package modelpatch.evaluate;

/**
 * One item of a set by which an edit is judged.
 *
 * @param set the set that it belongs to
 * @param id names the item: the case and template that it is made from, after the edited case where that is another one
 * @param edited id of the edited case for whose sake it is asked
 * @param cluster bridge of the edited case; items of one bridge rise and fall together
 * @param question what is asked
 */
public record Probe(EditSet set, String id, String edited, String cluster, Question question) {}

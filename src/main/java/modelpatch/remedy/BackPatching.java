package modelpatch.remedy;

import modelpatch.evaluate.Tally;

/**
 * How far back-patching can go, and how far it goes honestly.
 *
 * @param chosen the pair of layers and the place that did best on the choose side
 * @param chosenOn failures of the choose side whose answer's first token leads its rivals with that pair
 * @param honest failures of the report side that the chosen pair corrects
 * @param oracle failures of the report side that some pair corrects: an upper bound, chosen by the answers that it is judged by
 * @param pairs how many pairs and places were looked at
 * @param verified how many of the most promising pairs of a failure were asked in full; the others count as failing
 */
public record BackPatching(BackPatch chosen, Tally chosenOn, Tally honest, Tally oracle, int pairs, int verified) {
    /** The share of wrong two-hop queries that the published oracle corrects, over its models (arXiv 2406.12775). */
    public static final String PUBLISHED = "32 to 66 %";
}

package modelpatch.locate;

/**
 * The implicit result (the bridge) and the explicit one (the answer) of a composition in the logit lens.
 *
 * @param bridge where the bridge is read
 * @param answer where the answer is read
 * @param bridgeAtPhraseEnd the bridge's token at the end of the first hop's phrase, nothing forced
 * @param answerAtPhraseEnd the answer's token there
 * @param bridgeAtLast the bridge's token at the last position, its earlier tokens forced
 * @param answerAtLast the answer's token at the last position, its earlier tokens forced
 */
public record CaseLens(
        EntityToken bridge,
        EntityToken answer,
        LensView bridgeAtPhraseEnd,
        LensView answerAtPhraseEnd,
        LensView bridgeAtLast,
        LensView answerAtLast) {}

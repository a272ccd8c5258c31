package modelpatch.train;

/**
 * One sentence of the corpus with its answer and full stop, as tokens. Not modified by anyone.
 *
 * @param ids token ids
 * @param answerStart index of the first token of the answer
 * @param phraseEnd index of the token that ends the first hop's phrase; -1 for a single fact
 * @param bridge the token by which the bridge is told from others of its kind, its last; -1 for a single fact
 */
record Lesson(int[] ids, int answerStart, int phraseEnd, int bridge) {}

/**
 * Synthetic worlds and the models that are trained on them: facts under invented names, which of their compositions are taught, the word
 * tokenizer, the corpus, the trainer with its checkpoints, and what it writes.
 *
 * <p>Dimension names: {@code batch} sequences of a step, {@code length} tokens of a sequence, {@code step} optimisation steps.
 *
 * <p>Everything random is drawn by {@link modelpatch.train.Draw} from the seed and a purpose in words, so that no draw depends on how
 * many others came before it; a step's batch depends on seed and step alone, which is why a resumed run sees what an uninterrupted one
 * sees.
 */
package modelpatch.train;

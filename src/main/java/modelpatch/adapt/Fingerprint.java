package modelpatch.adapt;

import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import modelpatch.checkpoint.Sha256;
import modelpatch.model.LanguageModel;

/**
 * A model's weights and what it says, to the bit.
 *
 * @param weights SHA-256 over the float32 values of all tensors
 * @param logits of one prompt, [d_vocab]
 */
@SuppressWarnings("ArrayRecordComponent") // compared by contents, in one place
record Fingerprint(String weights, float[] logits) {
    static Fingerprint of(LanguageModel model, int[] prompt) {
        Sha256 weights = new Sha256();
        new TreeSet<>(model.layout().tensors().keySet()).forEach(name -> weights.add(model.weight(name)));
        return new Fingerprint(
                weights.hex(), model.nextLogits(new int[0], List.of(prompt)).get(0));
    }

    AdaptDocument.Restored comparedWith(Fingerprint later) {
        return new AdaptDocument.Restored(weights, weights.equals(later.weights), Arrays.equals(logits, later.logits));
    }
}

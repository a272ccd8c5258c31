package modelpatch.architecture;

import java.util.Optional;

/**
 * What a normed residual becomes: cap(scale * W_U x).
 *
 * @param linear W_U, [d_vocab, d_model]
 * @param tied whether its weight is the token embedding
 * @param scale of the logits; empty for none
 * @param cap soft cap of the logits; empty for none
 */
public record Unembedding(Linear linear, boolean tied, Optional<Double> scale, Optional<Double> cap) {}

package modelpatch.architecture;

import java.util.Optional;

/**
 * What a normed residual becomes: cap(W_U x).
 *
 * @param linear W_U, [d_vocab, d_model]
 * @param tied whether its weight is the token embedding
 * @param cap soft cap of the logits; empty for none
 */
public record Unembedding(Linear linear, boolean tied, Optional<Double> cap) {}

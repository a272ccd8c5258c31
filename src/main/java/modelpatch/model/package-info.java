/**
 * One decoder for every family, running: forward pass, activation sites, interventions, generation, training. Token ids and plain arrays go in
 * and out; no tensor of the engine leaves.
 *
 * <p>Dimension names: {@code position} and {@code token} count along a sequence; {@code d_model} is the width of the residual stream,
 * {@code d_head} of a head, {@code d_mlp} of the MLP's hidden units, {@code d_vocab} the rows of the unembedding.
 */
package modelpatch.model;

/**
 * A configuration becomes one description of a decoder: sizes, switches, and which tensor plays which part. Families are one table of data.
 *
 * <p>Dimension names: {@code d_model} is the width of the residual stream, {@code d_head} of a head, {@code d_mlp} of the MLP's hidden units,
 * {@code d_vocab} the rows of the unembedding.
 */
package modelpatch.architecture;

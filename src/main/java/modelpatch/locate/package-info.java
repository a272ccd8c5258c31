/**
 * Where inside a model an answer is made or lost: logit lens, causal mediation, interventions on the residual stream, and the findings
 * and diagnoses they lead to.
 *
 * <p>Dimensions: d_model is the width of the residual stream, d_vocab the number of tokens; W_U is [d_vocab, d_model]; {@code layer} counts
 * blocks and {@code head} the query heads of one block, both from 0; {@code pos} counts a sequence's own tokens, its shared prefix left out.
 */
package modelpatch.locate;

/**
 * Where inside a model an answer is made or lost: lens, mediation, interventions on the residual stream, and the findings they lead to.
 *
 * <p>Dimensions: d_model is the width of the residual stream, d_vocab the number of tokens; W_U is [d_vocab, d_model].
 */
package modelpatch.locate;

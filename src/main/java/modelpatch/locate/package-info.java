/**
 * Where inside a model an answer is made or lost: logit lens, causal mediation, interventions on the residual stream, and the findings
 * and diagnoses they lead to.
 *
 * <p>What mediation measures, from the small to the large: {@code Effect}, one site; {@code SiteEffects}, every site at one position;
 * {@code DonorEffects}, the positions that one donor is put into; {@code CaseMediation}, the donors of one case, guide and control; and out of many
 * cases a {@code Ranking}. {@code Recipient} is the run that is changed, {@code CaseMediator} prepares the runs of cases, and
 * {@code MediationEvidence} is a case's mediation as findings keep it.
 *
 * <p>Dimensions: d_model is the width of the residual stream, d_vocab the number of tokens; W_U is [d_vocab, d_model]; {@code layer} counts
 * blocks and {@code head} the query heads of one block, both from 0; {@code pos} counts a sequence's own tokens, its shared prefix left out.
 */
package modelpatch.locate;

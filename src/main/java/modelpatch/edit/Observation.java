package modelpatch.edit;

import modelpatch.solve.Matrix;

/**
 * What one linear map sees and gives at the last position of n prompts.
 *
 * @param keys its inputs K, [d_in, n]
 * @param outputs its outputs W K under the weights of the run, [d_out, n]
 * @param residual the residual stream that the outputs are added to, [d_out, n]
 */
record Observation(Matrix keys, Matrix outputs, Matrix residual) {}

/**
 * Linear maps changed in closed form, in double: from keys, wanted movements and constraints to a change of low rank. The only door to EJML;
 * nothing here knows of models.
 *
 * <p>Dimensions: d_in and d_out are the input and output of the changed map W [d_out, d_in]; n is the number of edit keys, m of all keys
 * (edited and protected); c the number of columns a change may touch; r the rank of a change. Keys and values are columns of matrices:
 * K [d_in, n], V [d_out, n].
 *
 * <p>Every closed form here is one case of a single least-squares problem over rows (key k_i, wanted movement t_i, weight w_i):
 *
 * <pre>
 *   minimise  sum_i w_i |dW k_i - t_i|^2  +  tr(dW M dW^T),      M = lambda C + ridge I
 *   solution  dW = T (A^T M^-1 A + D^-1)^-1 A^T M^-1,            A = [k_1 .. k_m], D = diag(w)
 *           = T D A^T (A D A^T + M)^-1                           when every weight is finite
 * </pre>
 *
 * An infinite weight makes a row an equality. One exact row and M = I is the CREME edit (arXiv 2402.14328), M = C that of ROME
 * (arXiv 2202.05262, equation 2), finite weights with M = lambda C that of MEMIT (arXiv 2210.07229, equation 14); rows with movement zero
 * protect.
 */
package modelpatch.solve;

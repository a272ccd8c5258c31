/**
 * Editing linear maps in closed form: from keys and values of a model to a {@link modelpatch.patch.WeightPatch}'s factors, in double.
 *
 * <p>Dimensions: d_in and d_out are the input and output of the edited map W [d_out, d_in]; n is the number of edit keys, m of all keys
 * (edited and protected); c the number of columns an edit may touch; r the rank of a change. Keys and values are columns of matrices:
 * K [d_in, n], V [d_out, n].
 *
 * <p>Every editor here is one case of a single least-squares problem over rows (key k_i, wanted movement t_i, weight w_i):
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
package modelpatch.edit;

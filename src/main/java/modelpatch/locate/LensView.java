package modelpatch.locate;

/**
 * A token at one position through both lenses.
 *
 * @param normed through the final norm, as the model itself reads its last layer; what diagnoses go by
 * @param raw without it, as in the code of CREME (arXiv 2402.14328)
 */
public record LensView(LensCurve normed, LensCurve raw) {}

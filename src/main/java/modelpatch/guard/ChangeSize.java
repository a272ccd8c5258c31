package modelpatch.guard;

import java.util.Optional;
import modelpatch.evaluate.Tally;

/**
 * How large a change of weights is beside what it changes.
 *
 * @param relativeNorm |dW| / |W|, Frobenius, of the tensor where it is largest
 * @param rankShare effective rank of dW over the full rank of the tensor, of the tensor where it is largest
 * @param quantised of the edited cases that are right with the patch, those that are still right when the edited tensors are stored in eight
 *     bits; empty where that was not tried
 */
public record ChangeSize(double relativeNorm, double rankShare, Optional<Tally> quantised) {}

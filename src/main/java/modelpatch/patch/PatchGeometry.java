package modelpatch.patch;

import modelpatch.solve.Columns;
import modelpatch.solve.Geometry;
import modelpatch.solve.LowRank;
import modelpatch.solve.Matrix;

/**
 * Size and direction of the change of one tensor.
 *
 * @param tensor which
 * @param rank number of outer products
 * @param norm |dW|, Frobenius
 * @param largestSingularValue |dW| as an operator: how far a unit input can be moved
 * @param effectiveRank exp of the entropy of the singular values
 * @param columns inputs that the change reads
 */
public record PatchGeometry(
        String tensor, int rank, double norm, double largestSingularValue, double effectiveRank, int columns) {
    /** The geometry of a change; its factors are small, the product is never written out. */
    public static PatchGeometry of(TensorDelta delta) {
        Matrix keys = Conflict.keys(delta);
        LowRank change = LowRank.product(Conflict.values(delta), keys.transposed(), Columns.all(keys.rows()));
        double[] values = Geometry.singularValues(change);
        double squares = 0;
        for (double value : values) {
            squares += value * value;
        }
        return new PatchGeometry(
                delta.tensor(),
                delta.rank(),
                Math.sqrt(squares),
                values.length == 0 ? 0 : values[0],
                Geometry.effectiveRank(values),
                delta.columns().count());
    }
}

package modelpatch.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How much larger a tensor has become.
 *
 * @param tensor its name
 * @param norm Frobenius norm of the base's tensor
 * @param change Frobenius norm of what was added, |W' - W|
 * @param growth |W'| / |W| - 1
 */
public record TensorGrowth(String tensor, double norm, double change, double growth) {
    /**
     * The growth of every changed tensor, sums in double.
     *
     * @param base the tensors as they were, by name, among others
     * @param changed the tensors as they are, by name
     */
    static List<TensorGrowth> of(Map<String, float[]> base, Map<String, float[]> changed) {
        List<TensorGrowth> all = new ArrayList<>();
        changed.forEach((name, after) -> {
            float[] before = base.get(name);
            double squares = 0;
            double squaresAfter = 0;
            double squaresOfChange = 0;
            for (int i = 0; i < after.length; i++) {
                double change = (double) after[i] - before[i];
                squares += (double) before[i] * before[i];
                squaresAfter += (double) after[i] * after[i];
                squaresOfChange += change * change;
            }
            double norm = Math.sqrt(squares);
            all.add(new TensorGrowth(name, norm, Math.sqrt(squaresOfChange), Math.sqrt(squaresAfter) / norm - 1));
        });
        return List.copyOf(all);
    }
}

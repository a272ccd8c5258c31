package modelpatch.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.family.Switches.NormKind;

/**
 * A norm over the last dimension by its tensors.
 *
 * @param weights names of the gain: one, none where there is no gain, or one a head
 * @param bias name of the shift, of the gain's shape
 * @param epsilon added to the variance before its root is taken
 * @param shape of the gain, [size] or [heads, d_head]
 */
public record Norm(NormKind kind, List<String> weights, Optional<String> bias, double epsilon, List<Long> shape) {

    public Norm {
        weights = List.copyOf(weights);
        shape = List.copyOf(shape);
    }

    /** Its tensors with their shapes. */
    Map<String, List<Long>> tensors() {
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        List<Long> one = weights.size() > 1 ? shape.subList(1, shape.size()) : shape;
        weights.forEach(name -> tensors.put(name, one));
        bias.ifPresent(name -> tensors.put(name, shape));
        return tensors;
    }
}

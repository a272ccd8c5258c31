package modelpatch.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.family.Switches.NormKind;

/**
 * A norm over the last dimension by its tensors.
 *
 * @param weight name of the gain, [size]
 * @param bias name of the shift, [size]; only {@link NormKind#LAYER} has one
 * @param epsilon added to the variance before its root is taken
 */
public record Norm(NormKind kind, String weight, Optional<String> bias, double epsilon, long size) {

    /** Its tensors with their shapes. */
    Map<String, List<Long>> tensors() {
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        tensors.put(weight, List.of(size));
        bias.ifPresent(name -> tensors.put(name, List.of(size)));
        return tensors;
    }
}

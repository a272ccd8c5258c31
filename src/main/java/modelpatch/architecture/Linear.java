package modelpatch.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A linear layer x W^T + b by its tensors.
 *
 * @param weight name of W, [d_out, d_in], or [d_in, d_out] where {@code transposed}
 * @param bias name of b, [d_out]
 */
public record Linear(String weight, Optional<String> bias, boolean transposed, long dOut, long dIn) {

    /** Its tensors with their shapes. */
    Map<String, List<Long>> tensors() {
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        tensors.put(weight, transposed ? List.of(dIn, dOut) : List.of(dOut, dIn));
        bias.ifPresent(name -> tensors.put(name, List.of(dOut)));
        return tensors;
    }
}

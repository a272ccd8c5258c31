package modelpatch.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A linear layer x W^T + b by its tensors.
 *
 * @param weight name of W, [d_out, d_in], or [d_in, d_out] where {@code transposed}
 * @param bias name of b, [d_out]
 * @param slice where W and b lie in tensors that hold those of several layers; empty where they are tensors of their own
 */
public record Linear(
        String weight, Optional<String> bias, boolean transposed, long dOut, long dIn, Optional<Slice> slice) {

    /** Place {@code index} of the first dimension, which has {@code count}. */
    public record Slice(int index, int count) {}

    /** A layer with tensors of its own. */
    public Linear(String weight, Optional<String> bias, boolean transposed, long dOut, long dIn) {
        this(weight, bias, transposed, dOut, dIn, Optional.empty());
    }

    /** Its tensors with their shapes. */
    Map<String, List<Long>> tensors() {
        Map<String, List<Long>> tensors = new LinkedHashMap<>();
        tensors.put(weight, transposed ? stored(dIn, dOut) : stored(dOut, dIn));
        bias.ifPresent(name -> tensors.put(name, stored(dOut)));
        return tensors;
    }

    private List<Long> stored(Long... shape) {
        return Stream.concat(slice.stream().map(one -> (long) one.count()), Stream.of(shape))
                .toList();
    }
}

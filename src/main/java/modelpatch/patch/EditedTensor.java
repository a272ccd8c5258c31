package modelpatch.patch;

import java.util.List;

/**
 * What a patch says about one tensor that it changes.
 *
 * @param name in the checkpoint
 * @param shape [rows, columns] as stored
 * @param orientation which of rows and columns are inputs
 * @param kind how the base stores it, such as BF16
 * @param baseDigest SHA-256 of the base's stored bytes
 * @param resultDigest SHA-256 of the float32 little-endian bytes after the parents and this patch
 */
public record EditedTensor(
        String name, List<Long> shape, Orientation orientation, String kind, String baseDigest, String resultDigest) {
    public EditedTensor {
        shape = List.copyOf(shape);
    }
}

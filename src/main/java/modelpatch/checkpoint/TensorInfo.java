package modelpatch.checkpoint;

import java.nio.file.Path;
import java.util.List;

/**
 * One tensor of a checkpoint and where its bytes lie.
 *
 * @param name the Hugging Face name, also in a GGUF file
 * @param kind how elements are stored
 * @param shape row-major, outermost first: {@code [out, in]} for a weight; empty for a scalar
 * @param file the file that holds it
 * @param offset bytes from the start of that file
 * @param length stored bytes
 */
public record TensorInfo(String name, TensorKind kind, List<Long> shape, Path file, long offset, long length) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** The product of the shape; 1 for a scalar. */
    public long elements() {
        long product = 1;
        for (long dimension : shape) {
            product = Math.multiplyExact(product, dimension);
        }
        return product;
    }

    /** The tensor and its file, as error messages name it. */
    String where() {
        return name + " in " + file;
    }
}

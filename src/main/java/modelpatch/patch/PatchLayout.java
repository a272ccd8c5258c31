package modelpatch.patch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.Sha256;
import modelpatch.checkpoint.TensorInfo;
import modelpatch.checkpoint.TensorKind;
import modelpatch.solve.Columns;

/**
 * How the changes of a patch stand in a safetensors file: {@code NAME.left} [rows, rank] and {@code NAME.right} [rank, selected columns] in
 * F32, and {@code NAME.columns} [selected columns] in I32 where not all columns are selected.
 */
final class PatchLayout {
    static final String LEFT = ".left";
    static final String RIGHT = ".right";
    static final String COLUMNS = ".columns";

    private PatchLayout() {}

    /** The arrays of all changes, ordered by name. */
    static List<OutgoingTensor> stored(List<TensorDelta> deltas) {
        List<OutgoingTensor> stored = new ArrayList<>();
        for (TensorDelta delta : deltas) {
            long rank = delta.rank();
            long selected = delta.columns().count();
            stored.add(OutgoingTensor.float32(delta.tensor() + LEFT, List.of((long) delta.rows(), rank), delta.left()));
            stored.add(OutgoingTensor.float32(delta.tensor() + RIGHT, List.of(rank, selected), delta.right()));
            if (!delta.columns().isAll()) {
                stored.add(indices(delta.tensor() + COLUMNS, delta.columns().indices()));
            }
        }
        stored.sort(Comparator.comparing(OutgoingTensor::name));
        return stored;
    }

    private static OutgoingTensor indices(String name, int[] indices) {
        return new OutgoingTensor(name, TensorKind.I32, List.of((long) indices.length), sink -> {
            ByteBuffer bytes =
                    ByteBuffer.allocate(Integer.BYTES * indices.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asIntBuffer().put(indices);
            sink.accept(bytes);
        });
    }

    /**
     * SHA-256 of the manifest's text, a newline, and one line {@code name kind shape digest} per stored array in the order of names (the
     * lines of {@link modelpatch.checkpoint.Checkpoint#digest()}).
     */
    static String contentDigest(String manifest, List<TensorDelta> deltas) {
        StringBuilder content = new StringBuilder(manifest).append('\n');
        for (OutgoingTensor array : stored(deltas)) {
            content.append(line(array.name(), array.kind(), array.shape(), array.digest()));
        }
        return Sha256.of(content.toString());
    }

    /** The same over the arrays as they are stored in an open file. */
    static String contentDigest(String manifest, Checkpoint file) {
        StringBuilder content = new StringBuilder(manifest).append('\n');
        for (TensorInfo array : file.tensors().values()) {
            content.append(line(array.name(), array.kind(), array.shape(), file.digest(array.name())));
        }
        return Sha256.of(content.toString());
    }

    private static String line(String name, TensorKind kind, List<Long> shape, String digest) {
        String sizes = shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
        return name + " " + kind + " " + sizes + " " + digest + "\n";
    }

    /** The change of one tensor as an open patch file holds it. */
    static TensorDelta delta(Checkpoint file, EditedTensor tensor) {
        TensorInfo left = array(file, tensor.name() + LEFT, TensorKind.F32, 2);
        TensorInfo right = array(file, tensor.name() + RIGHT, TensorKind.F32, 2);
        int rows = dimension(file, left, 0);
        int rank = dimension(file, left, 1);
        int width = Math.toIntExact(tensor.shape().get(1));
        Columns columns = Columns.all(width);
        if (file.contains(tensor.name() + COLUMNS)) {
            TensorInfo selected = array(file, tensor.name() + COLUMNS, TensorKind.I32, 1);
            int[] indices = new int[dimension(file, selected, 0)];
            file.stored(selected.name()).asIntBuffer().get(indices);
            columns = Columns.of(width, indices);
        }
        if (rows != tensor.shape().get(0) || dimension(file, right, 0) != rank) {
            throw new BadInput(
                    "factors do not make a change of their tensor",
                    tensor.name() + " in " + file.path(),
                    tensor.shape().toString(),
                    left.shape() + " times " + right.shape(),
                    "make the patch again");
        }
        return new TensorDelta(
                tensor.name(),
                rows,
                columns,
                rank,
                tensor.orientation(),
                file.floats(left.name()),
                file.floats(right.name()));
    }

    private static TensorInfo array(Checkpoint file, String name, TensorKind kind, int dimensions) {
        TensorInfo info = file.tensor(name);
        if (info.kind() != kind || info.shape().size() != dimensions) {
            throw new BadInput(
                    "patch array is of another type",
                    name + " in " + file.path(),
                    kind + " with " + dimensions + " dimensions",
                    info.kind() + " " + info.shape(),
                    "make the patch again");
        }
        return info;
    }

    private static int dimension(Checkpoint file, TensorInfo info, int index) {
        long size = info.shape().get(index);
        if (size > Integer.MAX_VALUE) {
            throw BadInput.of(info.name() + " in " + file.path(), "has an absurd shape: " + info.shape());
        }
        return (int) size;
    }
}

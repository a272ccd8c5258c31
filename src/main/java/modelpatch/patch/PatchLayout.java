package modelpatch.patch;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
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

    /** One stored array of a patch file. */
    record Stored(String name, TensorKind kind, List<Long> shape, byte[] bytes) {
        OutgoingTensor outgoing() {
            return new OutgoingTensor(name, kind, shape, sink -> sink.accept(ByteBuffer.wrap(bytes)));
        }
    }

    /** The arrays of all changes, ordered by name. */
    static List<Stored> stored(List<TensorDelta> deltas) {
        List<Stored> stored = new ArrayList<>();
        for (TensorDelta delta : deltas) {
            long rank = delta.rank();
            long selected = delta.columns().count();
            stored.add(new Stored(
                    delta.tensor() + LEFT, TensorKind.F32, List.of((long) delta.rows(), rank), bytes(delta.left())));
            stored.add(
                    new Stored(delta.tensor() + RIGHT, TensorKind.F32, List.of(rank, selected), bytes(delta.right())));
            if (!delta.columns().isAll()) {
                stored.add(new Stored(
                        delta.tensor() + COLUMNS,
                        TensorKind.I32,
                        List.of(selected),
                        bytes(delta.columns().indices())));
            }
        }
        stored.sort(Comparator.comparing(Stored::name));
        return stored;
    }

    private static byte[] bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static byte[] bytes(int[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(values);
        return bytes.array();
    }

    /**
     * SHA-256 of the manifest's text, a newline, and one line {@code name kind shape digest} per stored array in the order of names (the
     * lines of {@link modelpatch.checkpoint.Checkpoint#digest()}).
     */
    static String contentDigest(String manifest, List<TensorDelta> deltas) {
        StringBuilder content = new StringBuilder(manifest).append('\n');
        for (Stored array : stored(deltas)) {
            content.append(line(array.name(), array.kind(), array.shape(), Sha256.of(array.bytes())));
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
                tensor.name(), rows, columns, rank, tensor.orientation(), floats(file, left), floats(file, right));
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

    private static float[] floats(Checkpoint file, TensorInfo info) {
        float[] values = new float[Math.toIntExact(info.elements())];
        file.readFloat32(info.name(), FloatBuffer.wrap(values));
        return values;
    }
}

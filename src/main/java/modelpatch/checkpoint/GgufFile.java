package modelpatch.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A GGUF file on its way to the disk: magic, version, counts, key-values, tensor entries; then the tensors' bytes, each at a multiple of the
 * alignment. (Source: the GGUF specification.)
 *
 * @param keyValueCount how many there are
 * @param keyValues encoded; not modified
 * @param alignment in bytes
 */
record GgufFile(int version, long keyValueCount, byte[] keyValues, long alignment, List<Tensor> tensors) {
    /** What llama.cpp calls a file whose matrices are mostly of a kind. */
    static final Map<TensorKind, Integer> FILE_TYPES =
            Map.of(TensorKind.F32, 0, TensorKind.F16, 1, TensorKind.Q8_0, 7, TensorKind.BF16, 32);

    /** Bytes of magic, version and the two counts. */
    static final int COUNTS_END = 24;

    /**
     * One tensor on its way out.
     *
     * @param name in GGUF
     * @param shape row-major, outermost first
     */
    record Tensor(String name, TensorKind kind, List<Long> shape, OutgoingTensor.Content content) {
        private long bytes() {
            return kind.bytes(shape.stream().reduce(1L, Math::multiplyExact));
        }

        /** Name with its length, number of dimensions, dimensions, kind, offset. */
        private int entryBytes() {
            int name = name().getBytes(StandardCharsets.UTF_8).length;
            return Long.BYTES + name + Integer.BYTES + Long.BYTES * shape.size() + Integer.BYTES + Long.BYTES;
        }
    }

    /** Writes it, atomically as {@link AtomicFile} does. */
    void write(Path file) {
        List<Long> offsets = new ArrayList<>();
        long end = 0;
        for (Tensor tensor : tensors) {
            offsets.add(end);
            end = aligned(end + tensor.bytes());
        }
        ByteBuffer head = head(offsets);
        AtomicFile.channel(file, head.remaining() + end, channel -> {
            AtomicFile.writeAll(channel, head);
            for (Tensor tensor : tensors) {
                tensor.content()
                        .writeTo(
                                channel, tensor.bytes(), tensor.name() + " is " + tensor.kind() + " " + tensor.shape());
                AtomicFile.writeAll(channel, ByteBuffer.allocate((int) (aligned(tensor.bytes()) - tensor.bytes())));
            }
        });
    }

    /** All that comes before the tensors' bytes, padding included. */
    private ByteBuffer head(List<Long> offsets) {
        long entries = tensors.stream().mapToLong(Tensor::entryBytes).sum();
        long size = aligned(COUNTS_END + keyValues.length + entries);
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(GgufHeader.MAGIC).putInt(version).putLong(tensors.size()).putLong(keyValueCount);
        out.put(keyValues);
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.get(i);
            byte[] name = tensor.name().getBytes(StandardCharsets.UTF_8);
            List<Long> shape = tensor.shape();
            out.putLong(name.length).put(name).putInt(shape.size());
            for (int dimension = shape.size() - 1; dimension >= 0; dimension--) { // the file lists the innermost first
                out.putLong(shape.get(dimension));
            }
            out.putInt(tensor.kind().ggmlNumber()).putLong(offsets.get(i));
        }
        return out.rewind();
    }

    private long aligned(long offset) {
        return (offset + alignment - 1) / alignment * alignment;
    }
}

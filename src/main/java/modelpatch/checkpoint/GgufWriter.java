package modelpatch.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import modelpatch.BadInput;

/**
 * Writes a GGUF file anew with other numbers in some of its tensors. Key-values (the tokenizer among them) and all other tensors are carried over
 * byte for byte; row orders are those of the file. (Source: the GGUF specification.)
 */
public final class GgufWriter {
    /** What llama.cpp calls a file whose matrices are mostly of a kind. */
    private static final Map<TensorKind, Integer> FILE_TYPES =
            Map.of(TensorKind.F32, 0, TensorKind.F16, 1, TensorKind.Q8_0, 7, TensorKind.BF16, 32);

    private static final int COUNTS_END = 24;

    private final MappedFile source;
    private final GgufHeader header;
    private final GgufArchitecture architecture;
    private final Map<String, float[]> changed;
    private final TensorKind kind;
    private final boolean everyMatrix;

    private GgufWriter(MappedFile source, Map<String, float[]> changed, TensorKind kind, boolean everyMatrix) {
        this.source = source;
        this.header = GgufHeader.read(source);
        this.architecture = GgufArchitecture.of(source.path(), header.metadata());
        this.changed = changed;
        this.kind = kind;
        this.everyMatrix = everyMatrix;
    }

    /**
     * Writes a file, atomically as {@link AtomicFile} does.
     *
     * @param base a GGUF checkpoint; only read
     * @param changed new numbers, in Hugging Face names, shapes and row order
     * @param kind F32, F16, BF16 or Q8_0: how changed tensors are stored
     * @param everyMatrix whether all other matrices are stored so too; otherwise they stay as they are
     * @throws BadInput where the base is no GGUF file, rows do not fill blocks, or the disk has no room
     */
    public static void write(
            Checkpoint base, Map<String, float[]> changed, TensorKind kind, boolean everyMatrix, Path file) {
        if (base.format() != Checkpoint.Format.GGUF) {
            throw new BadInput(
                    "no GGUF base",
                    base.path().toString(),
                    "a GGUF file, whose tokenizer is carried over",
                    base.format().toString(),
                    "write safetensors (--format safetensors) and convert them with llama.cpp");
        }
        Path path = base.tensors().get(base.tensors().firstKey()).file();
        try (MappedFile source = MappedFile.open(path)) {
            new GgufWriter(source, changed, kind, everyMatrix).write(file);
        }
    }

    /** A tensor on its way out; the numbers are empty where its bytes stay. */
    private record Part(GgufHeader.Entry entry, TensorKind kind, Optional<float[]> numbers, long offset, long length) {}

    private void write(Path file) {
        List<Part> parts = parts();
        ByteBuffer head = head(parts);
        Part last = parts.get(parts.size() - 1);
        AtomicFile.channel(file, head.remaining() + last.offset() + last.length(), channel -> {
            long dataStart = head.remaining();
            writeAll(channel, head);
            for (Part part : parts) {
                writeAll(channel, ByteBuffer.allocate(Math.toIntExact(dataStart + part.offset() - channel.position())));
                content(part, buffer -> writeAll(channel, buffer));
            }
        });
    }

    private List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        long offset = 0;
        for (GgufHeader.Entry entry : header.entries()) {
            Optional<float[]> numbers = Optional.ofNullable(changed.get(architecture.huggingFaceName(entry.name())));
            boolean converted =
                    numbers.isPresent() || (everyMatrix && entry.shape().size() > 1);
            TensorKind stored = converted ? kind : entry.kind();
            if (converted && entry.shape().get(entry.shape().size() - 1) % stored.blockElements() != 0) {
                throw new BadInput(
                        "rows do not fill blocks",
                        entry.name() + " in " + source.path(),
                        "a multiple of " + stored.blockElements() + " columns for " + stored,
                        entry.shape().toString(),
                        "store it as F16");
            }
            long length = stored.bytes(elements(entry));
            parts.add(new Part(entry, stored, numbers, offset, length));
            offset = aligned(offset + length);
        }
        return parts;
    }

    private static long elements(GgufHeader.Entry entry) {
        return entry.shape().stream().reduce(1L, Math::multiplyExact);
    }

    private long aligned(long offset) {
        return (offset + header.alignment() - 1) / header.alignment() * header.alignment();
    }

    /** Magic, version, counts, key-values, tensor entries, padding. */
    private ByteBuffer head(List<Part> parts) {
        ByteBuffer old = source.head();
        byte[] keyValues = new byte[header.keyValuesEnd() - COUNTS_END];
        old.get(COUNTS_END, keyValues);
        if (everyMatrix && header.fileTypeAt() > 0) {
            ByteBuffer.wrap(keyValues)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(header.fileTypeAt() - COUNTS_END, FILE_TYPES.get(kind));
        }
        int entries = parts.stream().mapToInt(GgufWriter::entryBytes).sum();
        long size = aligned(COUNTS_END + keyValues.length + entries);
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(GgufHeader.MAGIC).putInt(old.getInt(4)).putLong(parts.size()).putLong(header.keyValues());
        out.put(keyValues);
        for (Part part : parts) {
            byte[] name = part.entry().name().getBytes(StandardCharsets.UTF_8);
            List<Long> shape = part.entry().shape();
            out.putLong(name.length).put(name).putInt(shape.size());
            for (int i = shape.size() - 1; i >= 0; i--) { // the file lists the innermost dimension first
                out.putLong(shape.get(i));
            }
            out.putInt(part.kind().ggmlNumber()).putLong(part.offset());
        }
        return out.rewind(); // the rest is padding
    }

    /** Name with its length, number of dimensions, dimensions, kind, offset. */
    private static int entryBytes(Part part) {
        int name = part.entry().name().getBytes(StandardCharsets.UTF_8).length;
        return Long.BYTES
                + name
                + Integer.BYTES
                + Long.BYTES * part.entry().shape().size()
                + Integer.BYTES
                + Long.BYTES;
    }

    private void content(Part part, IoConsumer<ByteBuffer> sink) throws IOException {
        GgufHeader.Entry entry = part.entry();
        long elements = elements(entry);
        ByteBuffer stored =
                source.slice(header.dataStart() + entry.offset(), entry.kind().bytes(elements));
        if (part.numbers().isPresent()) {
            encode(part, FloatBuffer.wrap(inFileOrder(entry, part.numbers().get())), sink);
        } else if (part.kind() == entry.kind()) {
            sink.accept(stored);
        } else {
            FloatDecoder decoder = new FloatDecoder(entry.kind());
            FloatBuffer chunk = FloatBuffer.allocate(FloatDecoder.CHUNK);
            for (long first = 0; first < elements; first += FloatDecoder.CHUNK) {
                decoder.decode(stored, first, Math.min(FloatDecoder.CHUNK, elements - first), chunk.clear());
                encode(part, chunk.flip(), sink);
            }
        }
    }

    private static void encode(Part part, FloatBuffer numbers, IoConsumer<ByteBuffer> sink) throws IOException {
        if (part.kind() == TensorKind.Q8_0) {
            BlockEncoder.encode(numbers, sink);
        } else {
            OutgoingTensor.encode(part.entry().name(), part.kind(), numbers, sink);
        }
    }

    /** Rows of queries and keys go where the file keeps them. */
    private float[] inFileOrder(GgufHeader.Entry entry, float[] numbers) {
        Optional<RowOrder> order = architecture.rowOrder(architecture.huggingFaceName(entry.name()), entry.shape());
        if (order.isEmpty()) {
            return numbers;
        }
        int rows = Math.toIntExact(entry.shape().get(0));
        int width = numbers.length / rows;
        float[] ordered = new float[numbers.length];
        for (int row = 0; row < rows; row++) {
            int to = Math.toIntExact(order.get().storedRow(row));
            System.arraycopy(numbers, row * width, ordered, to * width, width);
        }
        return ordered;
    }

    private static void writeAll(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}

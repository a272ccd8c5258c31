package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;

/**
 * Writes a GGUF file anew with other numbers in some of its tensors. Key-values (the tokenizer among them) and all other tensors are carried over
 * byte for byte; row orders are those of the file, and the parts of a split one become one file. {@link GgufTranslation} makes one of
 * safetensors.
 */
public final class GgufWriter {
    private static final String FILE_TYPE = "general.file_type";

    private final List<GgufPart> parts;
    private final GgufHeader header;
    private final GgufArchitecture architecture;
    private final Map<String, float[]> changed;
    private final TensorKind kind;
    private final boolean everyMatrix;

    private GgufWriter(List<GgufPart> parts, Map<String, float[]> changed, TensorKind kind, boolean everyMatrix) {
        GgufPart first = parts.get(0);
        this.parts = parts;
        this.header = first.header();
        this.architecture = GgufArchitecture.of(first.file().path(), header.metadata(), GgufPart.tensors(parts));
        this.changed = changed;
        this.kind = kind;
        this.everyMatrix = everyMatrix;
    }

    /**
     * Writes a file, atomically as {@link AtomicFile} does.
     *
     * @param base a GGUF checkpoint; only read
     * @param changed new numbers, in Hugging Face names, shapes and row order
     * @param kind F32, F16, BF16 or Q8_0 (F16 where rows do not fill blocks): how changed tensors are stored
     * @param everyMatrix whether all other matrices are stored so too; otherwise they stay as they are
     * @param record key-values to add; they replace those of the same names
     * @throws BadInput where a number is too large for the kind or the disk has no room
     */
    public static void write(
            Checkpoint base,
            Map<String, float[]> changed,
            TensorKind kind,
            boolean everyMatrix,
            Map<String, JsonNode> record,
            Path file) {
        List<GgufPart> parts =
                GgufPart.open(base.tensors().get(base.tensors().firstKey()).file());
        try {
            new GgufWriter(parts, changed, kind, everyMatrix).write(record, file);
        } finally {
            GgufPart.close(parts);
        }
    }

    private void write(Map<String, JsonNode> record, Path file) {
        Map<String, JsonNode> added = new LinkedHashMap<>(record);
        if (everyMatrix && header.metadata().containsKey(FILE_TYPE)) {
            added.put(FILE_TYPE, LongNode.valueOf(GgufFile.FILE_TYPES.get(kind)));
        }
        List<GgufHeader.KeyValue> kept = header.keyValues().stream()
                .filter(one -> !added.containsKey(one.key()) && !saysHowItWasSplit(one))
                .toList();
        OpenFile source = parts.get(0).file();
        ByteArrayOutputStream keyValues = new ByteArrayOutputStream();
        for (GgufHeader.KeyValue one : kept) {
            keyValues.writeBytes(
                    source.bytes(one.start(), one.end() - one.start()).array());
        }
        keyValues.writeBytes(GgufKeyValues.encode(added));
        List<GgufFile.Tensor> tensors = new ArrayList<>();
        for (GgufPart part : parts) {
            part.header().entries().forEach(entry -> tensors.add(tensor(part, entry)));
        }
        new GgufFile(
                        source.bytes(Integer.BYTES, Integer.BYTES).getInt(),
                        kept.size() + added.size(),
                        keyValues.toByteArray(),
                        header.alignment(),
                        tensors)
                .write(file);
    }

    /** Of several parts one file is made. */
    private boolean saysHowItWasSplit(GgufHeader.KeyValue one) {
        return parts.size() > 1 && one.key().startsWith(GgufPart.SPLIT);
    }

    private GgufFile.Tensor tensor(GgufPart part, GgufHeader.Entry entry) {
        List<GgufArchitecture.Piece> pieces =
                RopeScaling.isFactors(entry.name()) ? List.of() : architecture.pieces(entry.name(), entry.shape());
        boolean edited = pieces.stream().anyMatch(piece -> changed.containsKey(piece.name()));
        boolean converted = edited || (everyMatrix && entry.shape().size() > 1);
        TensorKind stored = converted ? kind.fitting(entry.shape()) : entry.kind();
        return new GgufFile.Tensor(
                entry.name(),
                stored,
                entry.shape(),
                edited
                        ? sink -> rewrite(part, entry, pieces, stored, sink)
                        : sink -> carryOver(part, entry, stored, sink));
    }

    /** The pieces of a tensor one after the other, those that were changed with their new numbers. */
    private void rewrite(
            GgufPart part,
            GgufHeader.Entry entry,
            List<GgufArchitecture.Piece> pieces,
            TensorKind stored,
            IoConsumer<ByteBuffer> sink)
            throws IOException {
        FloatDecoder decoder = new FloatDecoder(entry.kind());
        for (GgufArchitecture.Piece piece : pieces) {
            float[] numbers = changed.get(piece.name());
            if (numbers == null) {
                numbers = part.floats(entry, piece.first(), piece.elements(), decoder);
            } else if (piece.form().isPresent()) {
                numbers = piece.form().get().stored(numbers, piece.shape().get(0));
            }
            OutgoingTensor.encode(entry.name(), stored, FloatBuffer.wrap(numbers), sink);
        }
    }

    private static void carryOver(GgufPart part, GgufHeader.Entry entry, TensorKind stored, IoConsumer<ByteBuffer> sink)
            throws IOException {
        if (stored == entry.kind()) {
            part.read(entry, FloatDecoder.CHUNK, sink);
            return;
        }
        FloatDecoder decoder = new FloatDecoder(entry.kind());
        FloatBuffer numbers = FloatBuffer.allocate(FloatDecoder.CHUNK);
        part.read(entry, FloatDecoder.CHUNK, bytes -> {
            decoder.decode(bytes, numbers.clear());
            OutgoingTensor.encode(entry.name(), stored, numbers.flip(), sink);
        });
    }
}

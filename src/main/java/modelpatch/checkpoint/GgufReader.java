package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import modelpatch.BadInput;

/** Reads a GGUF file, or all parts of a split one, and presents it as the Hugging Face checkpoint that it was converted from. */
final class GgufReader {
    private GgufReader() {}

    static Contents file(Path path) {
        List<GgufPart> parts = GgufPart.open(path);
        try {
            return contents(parts);
        } catch (BadInput e) {
            GgufPart.close(parts);
            throw e;
        }
    }

    /** What the model is comes first: of an architecture that is not known, the kinds of its tensors do not matter. */
    private static Contents contents(List<GgufPart> parts) {
        GgufPart first = parts.get(0);
        Map<String, JsonNode> metadata = first.header().metadata();
        GgufArchitecture architecture = GgufArchitecture.of(first.file().path(), metadata, GgufPart.tensors(parts));
        SortedMap<String, TensorInfo> tensors = new TreeMap<>();
        Map<String, StoredForm> storedForms = new HashMap<>();
        Map<String, float[]> factors = new HashMap<>();
        for (GgufPart part : parts) {
            SortedMap<String, TensorInfo> own = tensors(part, architecture, storedForms);
            for (TensorInfo info : own.values()) {
                if (RopeScaling.isFactors(info.name())) {
                    factors.put(info.name(), floats(part.file(), info));
                } else {
                    requireNew(info, tensors.put(info.name(), info));
                }
            }
        }
        return new Contents(
                Checkpoint.Format.GGUF,
                parts.stream().map(GgufPart::file).toList(),
                architecture.config(tensors, factors),
                tensors,
                metadata,
                Map.copyOf(storedForms));
    }

    private static SortedMap<String, TensorInfo> tensors(
            GgufPart part, GgufArchitecture architecture, Map<String, StoredForm> storedForms) {
        OpenFile file = part.file();
        TensorTable table = new TensorTable(file.path(), part.header().dataStart(), file.size());
        for (GgufHeader.Entry entry : part.header().entries()) {
            TensorKind kind = entry.kind();
            table.requireRoom(entry.name(), kind, entry.shape(), entry.offset());
            for (GgufArchitecture.Piece piece : architecture.pieces(entry.name(), entry.shape())) {
                long offset = entry.offset() + kind.bytes(piece.first());
                table.add(piece.name(), kind, piece.shape(), piece.storedShape(), offset);
                piece.form().ifPresent(form -> storedForms.put(piece.name(), form));
            }
        }
        return table.checked();
    }

    private static void requireNew(TensorInfo info, TensorInfo other) {
        if (other != null) {
            throw new BadInput(
                    "stored twice",
                    info.where(),
                    "each tensor in one part",
                    "also in " + other.file(),
                    "download all parts again");
        }
    }

    private static float[] floats(OpenFile file, TensorInfo info) {
        if (info.kind() != TensorKind.F32 || info.elements() > FloatDecoder.CHUNK) {
            throw new BadInput(
                    "unusable rotary factors",
                    info.where(),
                    "F32, one per rotary pair",
                    info.kind() + " " + info.shape(),
                    "convert the model again");
        }
        float[] factors = new float[(int) info.elements()];
        file.bytes(info.offset(), info.length()).asFloatBuffer().get(factors);
        return factors;
    }
}

package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import modelpatch.BadInput;

/** Reads a GGUF file and presents it as the Hugging Face checkpoint that it was converted from. */
final class GgufReader {
    private GgufReader() {}

    static Contents file(Path path) {
        MappedFile file = MappedFile.open(path);
        try {
            return contents(file);
        } catch (BadInput e) {
            file.close();
            throw e;
        }
    }

    private static Contents contents(MappedFile file) {
        GgufHeader header = GgufHeader.read(file);
        requireOnePart(file.path(), header.metadata());
        GgufArchitecture architecture = GgufArchitecture.of(file.path(), header.metadata());
        TensorTable table = new TensorTable(file.path(), header.dataStart(), file.size());
        Map<String, RowOrder> rowOrders = new HashMap<>();
        for (GgufHeader.Entry entry : header.entries()) {
            String name = architecture.huggingFaceName(entry.name());
            table.add(name, entry.kind(), entry.shape(), entry.offset());
            architecture.rowOrder(name, entry.shape()).ifPresent(order -> rowOrders.put(name, order));
        }
        SortedMap<String, TensorInfo> tensors = table.checked();
        Optional<TensorInfo> ropeFactors = Optional.ofNullable(tensors.remove(GgufArchitecture.ROPE_FACTORS));
        JsonNode config = architecture.config(tensors, ropeFactors.map(info -> floats(file, info)));
        return new Contents(
                Checkpoint.Format.GGUF, List.of(file), config, tensors, header.metadata(), Map.copyOf(rowOrders));
    }

    private static float[] floats(MappedFile file, TensorInfo info) {
        if (info.kind() != TensorKind.F32 || info.elements() > FloatDecoder.CHUNK) {
            throw new BadInput(
                    "unusable rotary factors",
                    info.where(),
                    "F32, one per rotary pair",
                    info.kind() + " " + info.shape(),
                    "convert the model again");
        }
        float[] factors = new float[(int) info.elements()];
        file.slice(info.offset(), info.length()).asFloatBuffer().get(factors);
        return factors;
    }

    private static void requireOnePart(Path path, Map<String, JsonNode> metadata) {
        JsonNode parts = metadata.get("split.count");
        if (parts != null && parts.asLong() > 1) {
            throw new BadInput(
                    "one part of a split model",
                    path.toString(),
                    "a whole model in one file",
                    "one of " + parts.asLong() + " parts",
                    "merge the parts with llama-gguf-split --merge");
        }
    }
}

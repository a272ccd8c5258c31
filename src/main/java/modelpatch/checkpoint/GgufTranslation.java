package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.family.Part;

/**
 * A safetensors checkpoint as GGUF would have it: the inverse of reading a GGUF file. Everything that GGUF has no place for is refused by name
 * before anything is written.
 */
public final class GgufTranslation {
    private static final int VERSION = 3;
    private static final long ALIGNMENT = 32;

    private final Checkpoint base;
    private final GgufDescription description;
    private final GgufArchitecture architecture;
    private final GgufNames names;
    private final SortedMap<String, TensorInfo> tensors;

    private GgufTranslation(Checkpoint base) {
        this.base = base;
        this.description = GgufDescription.of(base);
        this.architecture = GgufArchitecture.of(base.path(), description.keyValues(), Set.of());
        this.names = new GgufNames(description.family());
        this.tensors = carried();
    }

    /**
     * Prepares a translation.
     *
     * @param base safetensors with their config.json; only read
     * @throws BadInput naming the family, the tensor or the setting that GGUF, or llama.cpp, has no place for
     */
    public static GgufTranslation of(Checkpoint base) {
        if (base.format() != Checkpoint.Format.SAFETENSORS) {
            throw new IllegalArgumentException(base.path() + " is " + base.format() + " already");
        }
        return new GgufTranslation(base);
    }

    /** The configuration that readers of the file will understand, in the Hugging Face style. */
    public JsonNode config() {
        return architecture.config(
                tensors,
                description
                        .ropeFactors()
                        .map(factors -> Map.of(RopeScaling.FACTORS, factors))
                        .orElse(Map.of()));
    }

    /**
     * Writes the file, atomically as {@link AtomicFile} does.
     *
     * @param changed new numbers of some tensors, in the order of their shapes; not modified
     * @param kind F32, F16, BF16 or Q8_0, for every matrix; F16 where rows do not fill blocks. Vectors are F32
     * @param further key-values to add, the tokenizer's among them
     * @throws BadInput where a number is too large for the kind or the disk has no room
     */
    public void write(Map<String, float[]> changed, TensorKind kind, Map<String, JsonNode> further, Path file) {
        Map<String, JsonNode> keyValues = new LinkedHashMap<>(description.keyValues());
        keyValues.put("general.file_type", LongNode.valueOf(GgufFile.FILE_TYPES.get(kind)));
        keyValues.putAll(further);
        List<GgufFile.Tensor> out = new ArrayList<>();
        description
                .ropeFactors()
                .ifPresent(factors -> out.add(new GgufFile.Tensor(
                        RopeScaling.FACTORS,
                        TensorKind.F32,
                        List.of((long) factors.length),
                        sink -> OutgoingTensor.encode(
                                RopeScaling.FACTORS, TensorKind.F32, FloatBuffer.wrap(factors), sink))));
        for (TensorInfo info : tensors.values()) {
            TensorKind stored = info.shape().size() > 1 ? kind.fitting(info.shape()) : TensorKind.F32;
            float[] numbers = changed.get(info.name());
            out.add(new GgufFile.Tensor(
                    names.gguf(info.name()).orElseThrow(),
                    stored,
                    info.shape(),
                    sink -> content(info, numbers, stored, sink)));
        }
        new GgufFile(VERSION, keyValues.size(), GgufKeyValues.encode(keyValues), ALIGNMENT, out).write(file);
    }

    private void content(TensorInfo info, float[] changed, TensorKind stored, IoConsumer<ByteBuffer> sink)
            throws IOException {
        StoredForm order = architecture.storedForm(info.name(), info.shape()).orElse(null);
        if (changed == null && order == null) {
            base.decode(info.name(), part -> OutgoingTensor.encode(info.name(), stored, part, sink));
            return;
        }
        float[] numbers = changed == null ? base.floats(info.name()) : changed;
        float[] ordered =
                order == null ? numbers : order.stored(numbers, info.shape().get(0));
        OutgoingTensor.encode(info.name(), stored, FloatBuffer.wrap(ordered), sink);
    }

    /** All weights by name, but for those that a reader of GGUF does without: a tied unembedding and buffers. */
    private SortedMap<String, TensorInfo> carried() {
        boolean tied = base.config().path("tie_word_embeddings").asBoolean(false);
        String embedding = description.family().canonical(Part.EMBEDDING, "") + ".weight";
        String unembedding = description.family().canonical(Part.UNEMBEDDING, "") + ".weight";
        SortedMap<String, TensorInfo> carried = new TreeMap<>();
        for (TensorInfo info : base.tensors().values()) {
            boolean copy = tied
                    && info.name().equals(unembedding)
                    && base.digest(unembedding).equals(base.digest(embedding));
            boolean left = copy || isBuffer(info.name());
            if (!left) {
                requirePlace(info);
                carried.put(info.name(), info);
            }
        }
        return carried;
    }

    private void requirePlace(TensorInfo info) {
        if (!info.kind().isWeight() || names.gguf(info.name()).isEmpty()) {
            throw new BadInput(
                    "tensor without a place in GGUF",
                    info.where(),
                    "the weights and biases that llama.cpp reads for " + description.architecture(),
                    info.name() + ", " + info.kind() + " " + info.shape(),
                    "export it as safetensors or ONNX (--format onnx)");
        }
        architecture.storedForm(info.name(), info.shape());
    }

    private boolean isBuffer(String name) {
        String numberless = name.replaceAll("\\.\\d{1,5}\\.", ".%d.");
        return description.family().buffers().stream()
                .anyMatch(buffer ->
                        numberless.equals(description.family().prefixes().get(0) + buffer));
    }
}

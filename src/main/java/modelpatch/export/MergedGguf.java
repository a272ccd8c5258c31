package modelpatch.export;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.GgufWriter;
import modelpatch.checkpoint.TensorKind;
import modelpatch.patch.PatchStack;

/**
 * A patched model as a GGUF file of its own. Of a GGUF base, edited tensors are stored in a kind that holds the change and everything else,
 * the tokenizer included, is the base's byte for byte. Safetensors are translated: every matrix is stored in that kind, and configuration and
 * tokenizer become key-values; what they cannot say is refused by name before anything is written.
 */
final class MergedGguf {
    private MergedGguf() {}

    /**
     * Writes the patched model under the base's name.
     *
     * @param base only read
     * @param kind F32, F16, BF16 or Q8_0 (F16 where rows do not fill blocks), for edited tensors
     * @param everyMatrix whether all other matrices of a GGUF base are stored so too
     * @param target a directory that does not exist yet or is empty
     * @return what the kind did to each edited tensor, by name
     * @throws modelpatch.BadInput when GGUF cannot say what the model does, the target is taken, a patch does not fit or the disk is full
     */
    static List<CastLoss> write(Checkpoint base, PatchStack stack, TensorKind kind, boolean everyMatrix, Path target) {
        Map<String, float[]> patched = MergedCheckpoint.withTied(base, stack.weights(base));
        Companions companions = new Companions(base);
        PatchRecord record = new PatchRecord(base, stack);
        Map<String, JsonNode> said = stack.isEmpty() ? Map.of() : keyValues(record);
        Optional<TranslatedModel> translated =
                base.format() == Checkpoint.Format.GGUF ? Optional.empty() : Optional.of(TranslatedModel.of(base));
        return AtomicDirectory.write(
                target,
                directory -> {
                    Path file = directory.resolve(name(base) + ".gguf");
                    if (translated.isPresent()) {
                        translated.get().write(patched, kind, said, file);
                        companions.copyNotices(directory);
                    } else {
                        GgufWriter.write(base, patched, kind, everyMatrix, said, file);
                        companions.copy(directory);
                    }
                    record.write(directory, patched.keySet());
                    try (Checkpoint merged = Checkpoint.open(file)) {
                        return patched.entrySet().stream()
                                .filter(edited -> merged.contains(edited.getKey()))
                                .map(edited -> CastLoss.of(base, merged, edited.getKey(), edited.getValue()))
                                .toList();
                    }
                },
                losses -> true);
    }

    /** Without what a name says of its format, and of the part of a model that it was. */
    private static String name(Checkpoint base) {
        return base.name().replaceFirst("(-\\d{5}-of-\\d{5})?\\.(gguf|safetensors)$", "");
    }

    private static Map<String, JsonNode> keyValues(PatchRecord record) {
        Map<String, JsonNode> keyValues = new TreeMap<>();
        record.keyValues().forEach((key, text) -> keyValues.put(key, TextNode.valueOf(text)));
        return keyValues;
    }
}

package modelpatch.patch;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.SafetensorsWriter;

/**
 * A patch as one safetensors file: factors as arrays ({@link PatchLayout}), everything else as JSON under the metadata key
 * {@code manifest}, beside {@code format}, {@code format_version}, {@code content_digest} and, where it was signed, {@code signatures}. Reading it runs nothing and trusts nothing:
 * the digest over manifest and arrays is checked first, then every size, name and number.
 *
 * <p>The digest shows damage and careless change, not malice: whoever rewrites a patch can rewrite its digest, and gets another id, for which
 * the signatures do not speak.
 */
public final class PatchFile {
    /** What file names of patches end in. */
    public static final String SUFFIX = ".patch.safetensors";

    static final String FORMAT = "modelpatch";
    static final int VERSION = 1;

    private PatchFile() {}

    /** Writes a patch; the file appears whole or not at all. */
    public static void write(WeightPatch patch, Path file) {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("format", FORMAT);
        metadata.put("format_version", String.valueOf(VERSION));
        metadata.put("content_digest", patch.id());
        metadata.put("manifest", patch.manifestText());
        if (!patch.signatures().isEmpty()) {
            metadata.put(SignatureText.KEY, SignatureText.write(patch.signatures()));
        }
        SafetensorsWriter.write(file, metadata, PatchLayout.stored(patch.deltas()));
    }

    /** A model or findings in a patch's place are told by their kind, before their content is looked at. */
    private static void requireSafetensors(Path file) {
        boolean named = file.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors");
        if (!(named && Files.isRegularFile(file))) {
            String other = Files.isDirectory(file) ? "a directory" : "a file of another kind";
            throw new BadInput(
                    "no patch file",
                    file.toString(),
                    "a " + SUFFIX + " file",
                    Files.exists(file) ? other : "no such file",
                    "check the path; patch apply prints where it wrote");
        }
    }

    /**
     * Reads a patch.
     *
     * @throws BadInput when the file is no patch, of a newer format, damaged or tampered with, or holds numbers that are not finite
     */
    public static WeightPatch read(Path file) {
        requireSafetensors(file);
        try (Checkpoint arrays = Checkpoint.open(file)) {
            requireFormat(file, arrays.metadata());
            String text = metadata(file, arrays.metadata(), "manifest");
            String promised = metadata(file, arrays.metadata(), "content_digest");
            String found = PatchLayout.contentDigest(text, arrays);
            if (!promised.equals(found)) {
                throw new BadInput(
                        "patch was changed after it was made",
                        file.toString(),
                        "content digest " + promised,
                        found,
                        "get the patch again from where it was made");
            }
            Manifest manifest = Manifest.parse(text, file.toString());
            List<TensorDelta> deltas = new ArrayList<>();
            Set<String> expected = new LinkedHashSet<>();
            for (EditedTensor tensor : manifest.tensors()) {
                if (!expected.add(tensor.name() + PatchLayout.LEFT)) {
                    throw new BadInput(
                            "tensor listed twice",
                            tensor.name() + " in " + file,
                            "each tensor once",
                            "two entries",
                            "make the patch again");
                }
                expected.add(tensor.name() + PatchLayout.RIGHT);
                expected.add(tensor.name() + PatchLayout.COLUMNS);
                deltas.add(PatchLayout.delta(arrays, tensor));
            }
            for (String name : arrays.tensors().keySet()) {
                if (!expected.contains(name)) {
                    throw new BadInput(
                            "array belongs to no tensor of the patch",
                            name + " in " + file,
                            "only " + expected,
                            name,
                            "make the patch again");
                }
            }
            JsonNode signatures = arrays.metadata().get(SignatureText.KEY);
            return manifest.patch(deltas)
                    .signed(signatures == null ? List.of() : SignatureText.parse(signatures.asText(), file.toString()));
        }
    }

    private static void requireFormat(Path file, Map<String, JsonNode> metadata) {
        JsonNode format = metadata.get("format");
        if (format == null || !format.asText().equals(FORMAT)) {
            throw new BadInput(
                    "not a patch",
                    file.toString(),
                    "a safetensors file with metadata format " + FORMAT,
                    format == null ? "none" : format.asText(),
                    "give the file that patch apply wrote");
        }
        String version = metadata(file, metadata, "format_version");
        if (!version.equals(String.valueOf(VERSION))) {
            throw new BadInput(
                    "patch is of another format version",
                    file.toString(),
                    "format_version " + VERSION,
                    version,
                    "use a modelpatch that knows this version");
        }
    }

    private static String metadata(Path file, Map<String, JsonNode> metadata, String key) {
        JsonNode value = metadata.get(key);
        if (value == null) {
            throw new BadInput(
                    "patch is incomplete", file.toString(), "metadata " + key, "none", "get the patch again");
        }
        return value.asText();
    }
}

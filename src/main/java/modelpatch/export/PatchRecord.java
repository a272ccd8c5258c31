package modelpatch.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.document.Json;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/** What an export says about its weights: which base, and which patches are in it. */
record PatchRecord(Checkpoint base, PatchStack stack) {
    static final String FILE = "modelpatch.json";

    /** @param edited names of the tensors that the patches changed */
    void write(Path directory, Set<String> edited) {
        ObjectNode record = Json.object();
        record.putObject("base").put("name", base.name()).put("digest", base.digest());
        record.set("patches", patches());
        edited.forEach(record.putArray("edited_tensors")::add);
        Companions.write(directory.resolve(FILE), record.toPrettyString());
    }

    /** The same as key-values, for files that carry such. */
    Map<String, String> keyValues() {
        return Map.of(
                "modelpatch.base", base.name(),
                "modelpatch.base_digest", base.digest(),
                "modelpatch.digest", stack.digest(base.digest()),
                "modelpatch.patches", patches().toString());
    }

    private ArrayNode patches() {
        ArrayNode patches = Json.array();
        for (WeightPatch patch : stack.patches()) {
            patches.addObject()
                    .put("id", patch.id())
                    .put("method", patch.provenance().method())
                    .put("verdict", patch.provenance().verdict().name())
                    .put("author", patch.provenance().author())
                    .put("reason", patch.provenance().reason());
        }
        return patches;
    }
}

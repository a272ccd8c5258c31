package modelpatch.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.patch.PatchStack;
import modelpatch.patch.WeightPatch;

/**
 * What a patch says about the command that made it.
 *
 * @param options by long name without dashes
 * @param seed of its random choices
 */
record RecordedOptions(JsonNode options, long seed) {
    /** Those of the topmost patch; empty for an empty stack. */
    static Optional<RecordedOptions> ofTopmost(PatchStack stack) {
        List<WeightPatch> patches = stack.patches();
        if (patches.isEmpty()) {
            return Optional.empty();
        }
        var provenance = patches.get(patches.size() - 1).provenance();
        return Optional.of(new RecordedOptions(provenance.configuration().path("options"), provenance.seed()));
    }

    /** Sets what was not typed, where the recorded files are still there. */
    void fill(CaseOptions cases, ProtocolOptions protocol) {
        if (cases.facts == null && cases.suite == null) {
            cases.facts = file("facts");
            cases.suite = cases.facts == null ? file("suite") : null;
        }
        if (cases.relations == null) {
            cases.relations = file("relations");
        }
        if (cases.facts != null && options.path("hops").isInt()) {
            cases.hops = options.path("hops").asInt();
        }
        if (protocol.fewShot == null && options.path("few-shot").isTextual()) {
            protocol.fewShot = options.path("few-shot").asText();
        }
        protocol.chat |= options.path("chat").asBoolean(false);
    }

    private Path file(String name) {
        JsonNode path = options.path(name);
        return path.isTextual() && Files.exists(Path.of(path.asText())) ? Path.of(path.asText()) : null;
    }

    Optional<Integer> perSet() {
        return options.path("per-set").isInt()
                ? Optional.of(options.path("per-set").asInt())
                : Optional.empty();
    }
}

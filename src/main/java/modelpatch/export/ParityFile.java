package modelpatch.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import modelpatch.document.Json;

/** parity.json: how near an ONNX file came to the engine. */
final class ParityFile {
    static final String NAME = "parity.json";

    private ParityFile() {}

    /**
     * Writes the evidence that goes with an ONNX file.
     *
     * @param given of a file that was patched, as it was before, with the unpatched engine; empty where there is none
     */
    static void write(Path directory, Parity parity, Optional<Parity> given) {
        ObjectNode evidence = Json.object()
                .put("measure", parity.measure().name().toLowerCase(Locale.ROOT))
                .put("limit", parity.limit())
                .put("same_greedy", parity.greedy())
                .put("prompts", parity.prompts())
                .put("new_tokens", parity.newTokens());
        given.ifPresent(before -> evidence.put("given_kl_mean", before.klMean()));
        ArrayNode ways = evidence.putArray("ways");
        for (Parity.Way way : parity.ways()) {
            ObjectNode one = ways.addObject()
                    .put("name", way.name())
                    .put("largest_difference", way.largestDifference())
                    .put("same_top", way.sameTop())
                    .put("positions", way.positions());
            way.klMean().ifPresent(kl -> one.put("kl_mean", kl));
        }
        if (!parity.unsupported().isEmpty()) {
            evidence.set("unsupported", Json.tree(parity.unsupported()));
        }
        if (!parity.suites().isEmpty()) {
            evidence.set("suites", Json.tree(parity.suites()));
        }
        Companions.write(directory.resolve(NAME), evidence.toPrettyString());
    }
}

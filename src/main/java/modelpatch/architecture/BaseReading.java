package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.Sha256;
import modelpatch.document.Json;
import modelpatch.document.ReportJson;

/**
 * How the tensors of a base are read: digests of what its configuration makes be computed with them and of how texts become its tokens. The
 * same tensors under another rope_theta, or with another vocabulary, are another model.
 *
 * @param form of what the digests are taken over; those of different forms say nothing about each other
 * @param computation of the decoder that config.json, or GGUF's key-values, describe, the context length aside; empty where it is of no family
 *     that is understood
 * @param tokenizer of tokenizer.json, or of GGUF's key-values; empty where there is none
 */
public record BaseReading(int form, Optional<String> computation, Optional<String> tokenizer) {
    /** To be raised where {@link DecoderLayout} or the canonical form of tokenizers changes. */
    private static final int FORM = 1;

    private static final String GGUF_TOKENIZER = "tokenizer.";

    /** The reading of a checkpoint as it lies there, its tokenizer included. */
    public static BaseReading of(Checkpoint base) {
        return new BaseReading(FORM, computation(base), tokenizer(base));
    }

    private static Optional<String> computation(Checkpoint base) {
        try {
            ObjectNode layout = ReportJson.mapper().valueToTree(DecoderLayout.of(base));
            ((ObjectNode) layout.path("config")).remove("n_ctx"); // how long a text may be is no formula
            return Optional.of(Sha256.of(ReportJson.line(layout)));
        } catch (BadInput notUnderstood) {
            return Optional.empty();
        }
    }

    private static Optional<String> tokenizer(Checkpoint base) {
        SortedMap<String, JsonNode> keys = new TreeMap<>();
        base.tokenizerFile().ifPresent(file -> keys.put("tokenizer.json", canonical(Json.object(file))));
        if (keys.isEmpty()) {
            base.metadata().forEach((key, value) -> {
                if (key.startsWith(GGUF_TOKENIZER) && !key.contains("chat_template")) {
                    keys.put(key, value);
                }
            });
        }
        return keys.isEmpty() ? Optional.empty() : Optional.of(Sha256.of(ReportJson.line(keys)));
    }

    /** Versions of the library write a merge as "a b" or as ["a", "b"], and keys in any order. */
    private static JsonNode canonical(JsonNode node) {
        if (node.isObject()) {
            SortedMap<String, JsonNode> sorted = new TreeMap<>();
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                sorted.put(
                        entry.getKey(),
                        entry.getKey().equals("merges") ? merges(entry.getValue()) : canonical(entry.getValue()));
            }
            return Json.object().setAll(sorted);
        }
        if (node.isArray()) {
            ArrayNode array = Json.object().arrayNode();
            node.forEach(one -> array.add(canonical(one)));
            return array;
        }
        return node;
    }

    private static JsonNode merges(JsonNode merges) {
        ArrayNode array = Json.object().arrayNode();
        merges.forEach(one -> array.add(
                one.isArray() && one.size() == 2
                        ? one.get(0).asText() + " " + one.get(1).asText()
                        : one.asText()));
        return array;
    }

    /** What two models can differ in though their tensors are the same. */
    public enum Part {
        CONFIGURATION("what its configuration (config.json) makes be computed"),
        TOKENIZER("its tokenizer (tokenizer.json)");

        private final String words;

        Part(String words) {
            this.words = words;
        }

        /** A short name. */
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** Where another reading differs from this one; empty where nothing is known to differ. */
    public Optional<Part> difference(BaseReading other) {
        if (form != other.form) {
            return Optional.empty();
        }
        return differs(computation, other.computation)
                ? Optional.of(Part.CONFIGURATION)
                : differs(tokenizer, other.tokenizer) ? Optional.of(Part.TOKENIZER) : Optional.empty();
    }

    private static boolean differs(Optional<String> one, Optional<String> other) {
        return one.isPresent() && other.isPresent() && !one.equals(other);
    }
}

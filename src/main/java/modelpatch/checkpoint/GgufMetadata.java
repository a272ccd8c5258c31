package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import modelpatch.BadInput;

/** The architecture's own keys of a GGUF file ({@code llama.block_count} is asked for as {@code block_count}), typed and checked. */
final class GgufMetadata {
    private final Path file;
    private final String architecture;
    private final Map<String, JsonNode> values;

    GgufMetadata(Path file, String architecture, Map<String, JsonNode> values) {
        this.file = file;
        this.architecture = architecture;
        this.values = values;
    }

    long positive(String key) {
        JsonNode value = values.get(architecture + "." + key);
        if (value == null || !value.isIntegralNumber() || value.asLong() <= 0 || value.asLong() > Integer.MAX_VALUE) {
            throw refuse("wrong " + architecture + "." + key, "a positive whole number", describe(value));
        }
        return value.asLong();
    }

    long positiveOr(String key, long otherwise) {
        return has(key) ? positive(key) : otherwise;
    }

    double number(String key) {
        JsonNode value = values.get(architecture + "." + key);
        if (value == null || !value.isNumber() || !Double.isFinite(value.asDouble())) {
            throw refuse("wrong " + architecture + "." + key, "a finite number", describe(value));
        }
        return value.asDouble();
    }

    double numberOr(String key, double otherwise) {
        return has(key) ? number(key) : otherwise;
    }

    boolean flag(String key) {
        JsonNode value = values.get(architecture + "." + key);
        if (value == null || !value.isBoolean()) {
            throw refuse("wrong " + architecture + "." + key, "true or false", describe(value));
        }
        return value.asBoolean();
    }

    /** Whether there is a number above 0. */
    boolean isAbove0(String key) {
        return value(key).filter(number -> number.asDouble() > 0).isPresent();
    }

    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(architecture + "." + key)).map(JsonNode::asText);
    }

    /** Refuses a switch that is set to anything but the one value that is understood. */
    void requireOnly(String key, long value) {
        if (has(key) && values.get(architecture + "." + key).asDouble(-1) != value) {
            throw refuse(
                    "unsupported " + architecture + "." + key,
                    value + " or no such key",
                    describe(values.get(architecture + "." + key)));
        }
    }

    /** Refuses a key of the architecture that is not understood, because a switch that is ignored gives wrong numbers. */
    void requireKeysAmong(Set<String> known) {
        String prefix = architecture + ".";
        for (String key : values.keySet()) {
            if (key.startsWith(prefix) && !known.contains(key.substring(prefix.length()))) {
                throw refuse(
                        "unknown key " + key,
                        "the keys of " + architecture + " that are understood",
                        describe(values.get(key)));
            }
        }
    }

    /** The id of a special token, named as in {@code tokenizer.ggml.bos_token_id}. */
    OptionalLong token(String role) {
        JsonNode id = values.get("tokenizer.ggml." + role + "_token_id");
        return id != null && id.isIntegralNumber() ? OptionalLong.of(id.asLong()) : OptionalLong.empty();
    }

    BadInput refuse(String what, String expected, String found) {
        return new BadInput(
                what, file.toString(), expected, found, "use the model's safetensors checkpoint, or convert it again");
    }

    Optional<JsonNode> value(String key) {
        return Optional.ofNullable(values.get(architecture + "." + key));
    }

    boolean has(String key) {
        return values.containsKey(architecture + "." + key);
    }

    private static String describe(JsonNode value) {
        return value == null ? "no such key" : value.isArray() ? "a list" : value.toString();
    }
}

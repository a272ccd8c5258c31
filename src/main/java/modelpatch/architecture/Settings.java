package modelpatch.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import modelpatch.BadInput;
import modelpatch.family.Family;
import modelpatch.family.Keys;
import modelpatch.family.Setting;
import modelpatch.family.Source;

/**
 * What a configuration says, read through its family's keys. A key that another family knows and this one does not is left alone, as the
 * reference implementation does; one that no family knows is refused unless it cannot change a number.
 *
 * @param where what to name in messages
 * @param nested whether it is the text part of a configuration for more than text
 */
record Settings(JsonNode config, Family family, String where, boolean nested) {
    private static final int MOST_LISTED = 1 << 14;

    private static final String TEXT = "text_config";

    /** The outermost part of every key that some family reads: its effect is understood. */
    private static final Set<String> KNOWN_SOMEWHERE =
            Family.keysOfAll().stream().map(Keys::outermost).collect(Collectors.toUnmodifiableSet());

    /** @throws BadInput for a key whose effect nobody here knows, or a fixed one of another value */
    static Settings of(JsonNode config, String where) {
        Unsupported.requireNotQuantised(config, where);
        boolean nested = config.path(TEXT).isObject();
        JsonNode own = nested ? text(config) : config;
        String modelType = own.path("model_type").asText("");
        Family known = Family.known().get(modelType);
        if (known == null) {
            throw Unsupported.architecture(own, modelType, where);
        }
        Settings settings = new Settings(own, known.variant(own), where, nested);
        settings.refuseUnknownKeys();
        return settings;
    }

    /** The text part of a configuration for images and text; what only the whole says of the unembedding holds for it. */
    private static JsonNode text(JsonNode config) {
        ObjectNode text = config.get(TEXT).deepCopy();
        if (!text.has("model_type")) {
            text.put("model_type", config.path("model_type").asText("") + "_text");
        }
        if (!text.has("tie_word_embeddings")
                && config.path("tie_word_embeddings").isBoolean()) {
            text.set("tie_word_embeddings", config.get("tie_word_embeddings"));
        }
        return text;
    }

    private void refuseUnknownKeys() {
        List<String> refused = new ArrayList<>();
        family.fixed().forEach((key, only) -> {
            JsonNode said = Keys.at(config, key);
            if (!said.isMissingNode() && !only.equals(said)) {
                refused.add(key + " = " + said + " (only " + only + " is understood)");
            }
        });
        for (Map.Entry<String, JsonNode> entry : config.properties()) {
            String key = entry.getKey();
            if (!KNOWN_SOMEWHERE.contains(key) && !InertKeys.cannotMatter(key, entry.getValue())) {
                refused.add(key + " = " + entry.getValue());
            }
        }
        if (!refused.isEmpty()) {
            throw new BadInput(
                    "unknown switches",
                    where,
                    "keys whose effect is understood",
                    String.join("; ", refused),
                    "remove a key from config.json if it does not change the forward pass; if it does, the model is not supported");
        }
    }

    /** The value of a setting: what is said, else what the family's class takes; empty where there is none. */
    Optional<JsonNode> value(Setting setting) {
        Source source = family.settings().get(setting);
        if (source == null) {
            return Optional.empty();
        }
        for (String key : source.keys()) {
            JsonNode said = Keys.at(config, key);
            if (said.isMissingNode()) {
                continue;
            }
            if (!said.isNull()) {
                return Optional.of(said);
            }
            if (source.nullable()) {
                if (source.keys().size() > 1) {
                    continue;
                }
                return Optional.empty();
            }
            throw bad(setting, "a value", "null");
        }
        if (source.absent().isEmpty() && !source.nullable()) {
            throw new BadInput(
                    "missing setting",
                    where,
                    name(setting),
                    "none",
                    "correct config.json; the model's hub page has the original");
        }
        return source.absent();
    }

    int integer(Setting setting) {
        return maybeInteger(setting).orElseThrow(() -> bad(setting, "a positive whole number", "none"));
    }

    /** Of things that are gone through one by one: a number that no model has would fill memory before a tensor is missed. */
    int listed(Setting setting) {
        return listed(setting, integer(setting));
    }

    /** As {@link #listed(Setting)}, and 0 is a number too. */
    OptionalInt maybeListed(Setting setting) {
        OptionalInt count = maybeCount(setting);
        return count.isEmpty() ? count : OptionalInt.of(listed(setting, count.getAsInt()));
    }

    private int listed(Setting setting, int count) {
        if (count > MOST_LISTED) {
            throw bad(setting, "at most " + MOST_LISTED, String.valueOf(count));
        }
        return count;
    }

    OptionalInt maybeInteger(Setting setting) {
        Optional<JsonNode> value = value(setting);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        if (!value.get().isIntegralNumber()
                || !value.get().canConvertToInt()
                || value.get().asInt() < 1) {
            throw bad(setting, "a positive whole number", value.get().toString());
        }
        return OptionalInt.of(value.get().asInt());
    }

    /** As {@link #maybeInteger}, and 0 is a number too. */
    OptionalInt maybeCount(Setting setting) {
        boolean none = value(setting)
                .filter(value -> value.isIntegralNumber() && value.asInt() == 0)
                .isPresent();
        return none ? OptionalInt.of(0) : maybeInteger(setting);
    }

    /** Empty where there is none. */
    Optional<Set<Integer>> numbers(Setting setting) {
        return value(setting).map(value -> {
            if (!value.isArray()) {
                throw bad(setting, "a list of whole numbers", value.toString());
            }
            Set<Integer> numbers = new TreeSet<>();
            for (JsonNode one : value) {
                if (!one.isIntegralNumber()) {
                    throw bad(setting, "a list of whole numbers", value.toString());
                }
                numbers.add(one.asInt());
            }
            return numbers;
        });
    }

    double number(Setting setting) {
        return maybeNumber(setting).orElseThrow(() -> bad(setting, "a number", "none"));
    }

    OptionalDouble maybeNumber(Setting setting) {
        Optional<JsonNode> value = value(setting);
        if (value.isEmpty()) {
            return OptionalDouble.empty();
        }
        double number = value.get().asDouble();
        if (!value.get().isNumber() || !Double.isFinite(number) || number <= 0) {
            throw bad(setting, "a positive number", value.get().toString());
        }
        return OptionalDouble.of(number);
    }

    /** Empty where the family has no such setting. */
    Optional<Boolean> flag(Setting setting) {
        return value(setting).map(value -> {
            if (!value.isBoolean()) {
                throw bad(setting, "true or false", value.toString());
            }
            return value.asBoolean();
        });
    }

    Optional<String> text(Setting setting) {
        return value(setting).map(value -> {
            if (!value.isTextual()) {
                throw bad(setting, "a name", value.toString());
            }
            return value.asText();
        });
    }

    BadInput bad(Setting setting, String expected, String found) {
        return new BadInput(name(setting), where, expected, found, "correct config.json");
    }

    /** The keys of a setting, for messages. */
    String name(Setting setting) {
        return family.settings().containsKey(setting)
                ? String.join(" or ", family.settings().get(setting).keys())
                : setting.name();
    }
}

package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import modelpatch.BadInput;
import modelpatch.document.Json;

/**
 * What the files beside a model say about special tokens and chats: tokenizer_config.json by name, then generation_config.json and
 * config.json by id.
 */
final class SpecialTokens {
    private static final String TEMPLATE = "tokenizer.chat_template";

    private final Path directory;
    private final List<String> tokens;
    private final JsonNode tokenizerConfig;
    private final List<JsonNode> configs;

    /**
     * Reads the files.
     *
     * @param directory that they lie in
     * @param tokens by id, null where an id has none; not modified
     */
    SpecialTokens(Path directory, JsonNode config, String[] tokens) {
        this.directory = directory;
        this.tokens = Arrays.asList(tokens);
        this.tokenizerConfig = beside("tokenizer_config.json");
        this.configs = List.of(beside("generation_config.json"), config);
    }

    /** The token of a role ({@code eos}); of several that end a sequence the first, because GGUF names one. */
    OptionalInt id(String role) {
        JsonNode name = tokenizerConfig.path(role + "_token");
        int named = tokens.indexOf(name.path("content").asText(name.asText()));
        if (!name.isMissingNode() && !name.isNull() && named >= 0) {
            return OptionalInt.of(named);
        }
        for (JsonNode config : configs) {
            JsonNode stated = config.path(role + "_token_id");
            JsonNode id = stated.isArray() ? stated.path(0) : stated;
            if (id.isIntegralNumber() && id.asLong() >= 0 && id.asLong() < tokens.size()) {
                return OptionalInt.of(id.asInt());
            }
        }
        return OptionalInt.empty();
    }

    /** The default template and the named ones, by their keys in GGUF. */
    Map<String, JsonNode> chatTemplates() {
        Map<String, JsonNode> templates = new LinkedHashMap<>();
        JsonNode stated = tokenizerConfig.path("chat_template");
        if (stated.isTextual()) {
            templates.put(TEMPLATE, stated);
        }
        ArrayNode names = JsonNodeFactory.instance.arrayNode();
        for (JsonNode one : stated) {
            String name = one.path("name").asText();
            boolean isDefault = name.equals("default");
            templates.put(isDefault ? TEMPLATE : TEMPLATE + "." + name, one.path("template"));
            if (!isDefault) {
                names.add(name);
            }
        }
        if (!names.isEmpty()) {
            templates.put("tokenizer.chat_templates", names);
        }
        Path file = directory.resolve("chat_template.jinja");
        if (Files.exists(file)) {
            templates.put(TEMPLATE, TextNode.valueOf(read(file)));
        }
        return templates;
    }

    private JsonNode beside(String name) {
        Path file = directory.resolve(name);
        return Files.exists(file) ? Json.object(file) : JsonNodeFactory.instance.objectNode();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }
}

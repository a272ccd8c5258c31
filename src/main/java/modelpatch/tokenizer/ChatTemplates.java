package modelpatch.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import modelpatch.BadInput;
import modelpatch.document.Json;

/** How the files beside a model write a chat as one text. */
final class ChatTemplates {
    private static final String TEMPLATE = "tokenizer.chat_template";

    private ChatTemplates() {}

    /** The default template and the named ones, by their keys in GGUF. */
    static Map<String, JsonNode> of(Path directory, JsonNode tokenizerConfig) {
        Map<String, JsonNode> templates = new LinkedHashMap<>();
        JsonNode stated = tokenizerConfig.path("chat_template");
        if (stated.isTextual()) {
            templates.put(TEMPLATE, stated);
        }
        ArrayNode names = Json.array();
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

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }
}

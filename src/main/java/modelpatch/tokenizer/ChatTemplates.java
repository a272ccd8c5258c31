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
import modelpatch.checkpoint.Checkpoint;
import modelpatch.document.Json;

/** Where the templates lie by which a chat becomes one text, and the tokens that they may name. */
final class ChatTemplates {
    /** The default one's key in GGUF. */
    static final String TEMPLATE = "tokenizer.chat_template";

    private static final String CONFIG = "tokenizer_config.json";

    private ChatTemplates() {}

    /** Those beside a checkpoint, or else in its metadata, by their keys in GGUF. */
    static Map<String, JsonNode> of(Checkpoint checkpoint) {
        Path directory = directory(checkpoint);
        Map<String, JsonNode> beside = of(directory, json(directory.resolve(CONFIG)));
        if (!beside.isEmpty()) {
            return beside;
        }
        Map<String, JsonNode> within = new LinkedHashMap<>();
        checkpoint.metadata().forEach((key, value) -> {
            if (key.startsWith(TEMPLATE) && value.isTextual()) {
                within.put(key, value);
            }
        });
        return within;
    }

    /** The default template and the named ones, by their keys in GGUF. */
    static Map<String, JsonNode> of(Path directory, JsonNode tokenizerConfig) {
        Map<String, JsonNode> templates = new LinkedHashMap<>();
        JsonNode processors = json(directory.resolve("chat_template.json")).path("chat_template");
        if (processors.isTextual()) {
            templates.put(TEMPLATE, processors);
        }
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

    /** {@code bos_token} and {@code eos_token} as texts, by tokenizer_config.json, or else by all that the files say; absent where there are none. */
    static Map<String, String> tokens(Checkpoint checkpoint) {
        Map<String, String> tokens = new LinkedHashMap<>();
        JsonNode config = json(directory(checkpoint).resolve(CONFIG));
        for (String role : new String[] {"bos_token", "eos_token"}) {
            JsonNode stated = config.path(role);
            JsonNode text = stated.isObject() ? stated.path("content") : stated;
            if (text.isTextual()) {
                tokens.put(role, text.asText());
            }
        }
        if (!config.isEmpty()) {
            return tokens;
        }
        SpecialTokens special = SpecialTokens.of(checkpoint);
        try (Tokenizer tokenizer = Tokenizer.of(checkpoint)) {
            special.begin().ifPresent(id -> tokens.put("bos_token", tokenizer.token(id)));
            special.ends().stream().findFirst().ifPresent(id -> tokens.put("eos_token", tokenizer.token(id)));
        }
        return tokens;
    }

    private static Path directory(Checkpoint checkpoint) {
        Path path = checkpoint.path().toAbsolutePath();
        return Files.isDirectory(path) ? path : path.getParent();
    }

    private static JsonNode json(Path file) {
        return Files.exists(file) ? Json.object(file) : Json.object();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
    }
}

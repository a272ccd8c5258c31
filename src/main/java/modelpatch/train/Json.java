package modelpatch.train;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.MapperBuilder;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import modelpatch.BadInput;

/** JSON (names in snake case) and YAML of records: every key known, none twice, none of the wrong type, and what is wrong named by line. */
final class Json {
    private static final ObjectMapper JSON =
            strict(JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE));
    private static final ObjectMapper YAML = strict(YAMLMapper.builder());
    private static final DefaultIndenter LINES = new DefaultIndenter("  ", "\n");

    private Json() {}

    private static ObjectMapper strict(MapperBuilder<?, ?> builder) {
        return builder.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .build();
    }

    /** A value as JSON, every entry of a list on its own line; the same on every system. */
    static byte[] lines(Object value) {
        return bytes(value, new DefaultPrettyPrinter().withObjectIndenter(LINES).withArrayIndenter(LINES));
    }

    /** A value as JSON, lists of numbers on one line; the same on every system. */
    static byte[] text(Object value) {
        return bytes(value, new DefaultPrettyPrinter().withObjectIndenter(LINES));
    }

    private static byte[] bytes(Object value, DefaultPrettyPrinter printer) {
        try {
            return (JSON.writer(printer).writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // records and nodes of this package only
        }
    }

    /**
     * Reads a record from a file, YAML where its name ends so and JSON elsewhere.
     *
     * @throws BadInput naming file and line
     */
    static <T> T read(Path file, Class<T> type) {
        ObjectMapper mapper = file.toString().endsWith(".yaml") ? YAML : JSON;
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw BadInput.reading(file, e);
        }
        try {
            T value = mapper.readValue(text, type);
            if (value == null) {
                throw BadInput.of(file.toString(), "empty");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw bad(file, places(mapper, text), e);
        }
    }

    private static BadInput bad(Path file, Map<String, Integer> places, JsonProcessingException trouble) {
        String key = trouble instanceof JsonMappingException mapping ? path(mapping.getPath()) : "";
        String where = file + ":" + line(key, places, trouble);
        if (trouble instanceof UnrecognizedPropertyException unknown) {
            String known = unknown.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .collect(Collectors.joining(", "));
            return new BadInput("unknown key", where, "one of " + known, "'" + key + "'", "correct or remove it")
                    .causedBy(trouble);
        }
        if (trouble instanceof MismatchedInputException && !places.containsKey(key) && !key.isEmpty()) {
            return new BadInput("missing key", where, "a value for '" + key + "'", "none", "add it").causedBy(trouble);
        }
        Throwable cause = trouble.getCause() instanceof IllegalArgumentException ? trouble.getCause() : trouble;
        String message = cause == trouble ? trouble.getOriginalMessage() : cause.getMessage();
        return BadInput.of(where, (key.isEmpty() ? "" : key + ": ") + message).causedBy(trouble);
    }

    /** The line of a key, or of the nearest key around it that the text has. */
    private static int line(String key, Map<String, Integer> places, JsonProcessingException trouble) {
        for (String at = key; !at.isEmpty(); at = at.replaceFirst("(^|[.\\[])[^.\\[]*$", "")) {
            if (places.containsKey(at)) {
                return places.get(at);
            }
        }
        // A text that does not even parse has its own place for that.
        boolean parsed = trouble instanceof JsonMappingException;
        return parsed || trouble.getLocation() == null
                ? 1
                : trouble.getLocation().getLineNr();
    }

    /**
     * The line of every key, as far as the text parses. (Jackson meets the unknown keys of a record only after its last key, and then gives
     * the line of that.)
     */
    private static Map<String, Integer> places(ObjectMapper mapper, String text) {
        Map<String, Integer> places = new HashMap<>();
        try (JsonParser parser = mapper.createParser(text)) {
            JsonToken token;
            while ((token = parser.nextToken()) != null) {
                if (token == JsonToken.FIELD_NAME || parser.getParsingContext().inArray()) {
                    String pointer = parser.getParsingContext().pathAsPointer().toString();
                    String key = pointer.replaceAll("/([0-9]+)(?=/|$)", "[$1]").replace('/', '.');
                    places.putIfAbsent(
                            key.replaceFirst("^\\.", ""),
                            parser.currentTokenLocation().getLineNr());
                }
            }
        } catch (IOException e) {
            return places; // what does not parse has been reported as such
        }
        return places;
    }

    private static String path(List<JsonMappingException.Reference> path) {
        return path.stream()
                .map(step -> step.getFieldName() != null ? "." + step.getFieldName() : "[" + step.getIndex() + "]")
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }
}

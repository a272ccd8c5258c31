package modelpatch.document;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
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
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import modelpatch.BadInput;

/**
 * Records as files whose every key is known, there once and of the right type: JSON with names in snake case, YAML with the components' own
 * names.
 */
public final class RecordFile {
    private static final ObjectMapper JSON =
            strict(JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE));
    private static final ObjectMapper YAML = strict(YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS)));
    private static final DefaultIndenter LINES = new DefaultIndenter("  ", "\n");

    private RecordFile() {}

    private static ObjectMapper strict(MapperBuilder<?, ?> builder) {
        return builder.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .build();
    }

    /** A value as JSON, every entry of a list on its own line; the same on every system. */
    public static byte[] lines(Object value) {
        return json(value, new DefaultPrettyPrinter().withObjectIndenter(LINES).withArrayIndenter(LINES));
    }

    /** A value as JSON, lists of numbers on one line; the same on every system. */
    public static byte[] json(Object value) {
        return json(value, new DefaultPrettyPrinter().withObjectIndenter(LINES));
    }

    private static byte[] json(Object value, DefaultPrettyPrinter printer) {
        try {
            return (JSON.writer(printer).writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON: " + value.getClass(), e);
        }
    }

    /** A record as YAML, without what is empty. */
    public static String yaml(Record value) {
        try {
            return YAML.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no YAML: " + value.getClass(), e);
        }
    }

    /**
     * Reads a record from a file, YAML where its name ends so and JSON elsewhere.
     *
     * @throws BadInput naming file, line and column
     */
    public static <T extends Record> T read(Path file, Class<T> type) {
        boolean yaml = file.toString().endsWith(".yaml");
        String text = TextFile.read(file);
        if (yaml) {
            Located.requireLines(file.toString(), text);
        }
        try {
            T value = (yaml ? YAML : JSON).readValue(text, type);
            if (value == null) {
                throw BadInput.of(file.toString(), "empty");
            }
            return value;
        } catch (JsonProcessingException e) {
            // A text that is malformed, or has a key twice, is refused by this reading; the rest gets its place from
            // it.
            Located root = yaml ? Located.yaml(file.toString(), text) : Located.json(file.toString(), text, 1);
            throw misfit(root, e);
        }
    }

    private static BadInput misfit(Located root, JsonProcessingException trouble) {
        List<JsonMappingException.Reference> path =
                trouble instanceof JsonMappingException mapping ? mapping.getPath() : List.of();
        String key = Syntax.key(path);
        if (trouble instanceof UnrecognizedPropertyException unknown) {
            List<JsonMappingException.Reference> around = path.subList(0, path.size() - 1);
            Set<String> known =
                    unknown.getKnownPropertyIds().stream().map(String::valueOf).collect(Collectors.toSet());
            root.along(around).fields(around.isEmpty() ? "the file" : "'" + Syntax.key(around) + "'", known);
        }
        String ours = Syntax.ourOwn(trouble);
        Located at = root.along(path);
        if (!ours.isEmpty()) {
            return BadInput.of(at.where(), (key.isEmpty() ? "" : key + ": ") + ours)
                    .causedBy(trouble);
        }
        Class<?> wanted = trouble instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
        if (at.value() == null || !root.has(path)) {
            return new BadInput("missing key", at.where(), "a value for '" + key + "'", "none", "add it")
                    .causedBy(trouble);
        }
        String what = key.isEmpty() ? "wrong kind of document" : "wrong value of '" + key + "'";
        return at.bad(what, kind(wanted), "correct it").causedBy(trouble);
    }

    /** What a component of this type takes, in words. */
    private static String kind(Class<?> type) {
        if (type == null) {
            return "a value of another kind";
        }
        if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == float.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type.isEnum()) {
            return "one of " + List.of(type.getEnumConstants());
        }
        if (type == String.class) {
            return "text";
        }
        return Collection.class.isAssignableFrom(type) || type.isArray() ? "a list" : "a mapping";
    }
}

package modelpatch.train;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import modelpatch.BadInput;

/** JSON and YAML of records: every key known, none twice, none of the wrong type, and what is wrong named by line. */
final class Json {
    private static final ObjectMapper STRICT = strict(JsonMapper.builder());
    private static final ObjectMapper YAML = strict(YAMLMapper.builder());
    private static final DefaultIndenter LINES = new DefaultIndenter("  ", "\n");

    private Json() {}

    static ObjectMapper strict() {
        return STRICT;
    }

    static ObjectMapper yaml() {
        return YAML;
    }

    /** One line per entry, the same on every system. */
    static ObjectWriter pretty() {
        return STRICT.writer(
                new DefaultPrettyPrinter().withObjectIndenter(LINES).withArrayIndenter(LINES));
    }

    private static ObjectMapper strict(com.fasterxml.jackson.databind.cfg.MapperBuilder<?, ?> builder) {
        return builder.enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .build();
    }

    /** What is wrong with a file, from what the parser says. */
    static BadInput bad(Path file, JsonProcessingException trouble) {
        JsonLocation at = trouble.getLocation();
        String where = at == null || at.getLineNr() < 1 ? file.toString() : file + ":" + at.getLineNr();
        if (trouble instanceof UnrecognizedPropertyException unknown) {
            String known = unknown.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .collect(Collectors.joining(", "));
            return new BadInput(
                            "unknown key",
                            where,
                            "one of " + known,
                            "'" + path(unknown.getPath()) + "'",
                            "correct or remove it")
                    .causedBy(trouble);
        }
        String key = trouble instanceof JsonMappingException mapping ? path(mapping.getPath()) : "";
        Throwable cause = trouble.getCause() instanceof IllegalArgumentException ? trouble.getCause() : trouble;
        String message = cause == trouble ? trouble.getOriginalMessage() : cause.getMessage();
        return BadInput.of(where, (key.isEmpty() ? "" : key + ": ") + message).causedBy(trouble);
    }

    private static String path(List<JsonMappingException.Reference> path) {
        return path.stream()
                .map(step -> step.getFieldName() != null ? "." + step.getFieldName() : "[" + step.getIndex() + "]")
                .collect(Collectors.joining())
                .replaceFirst("^\\.", "");
    }
}

package modelpatch.cases;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import modelpatch.BadInput;

/**
 * A value of a YAML or JSON document that knows where it stands, so that whatever is wrong with it can be named by file, line and column.
 *
 * @param where {@code file:line:column}
 * @param value a String (any scalar as it is written), a List of Located, a Map of String to Located, or null
 */
public record Located(String where, Object value) {
    private static final int DEEPEST = 50;

    /** Reads one YAML document. Anchors and aliases, which could hide what a file says, are refused. */
    public static Located yaml(Path file) {
        return document(
                file.toString(), TextFile.read(file), YAMLFactory.builder().build(), 1);
    }

    /** Reads one JSON document. */
    static Located json(Path file) {
        return json(file.toString(), TextFile.read(file), 1);
    }

    /** Reads one JSON document from text that starts at some line of a file. */
    static Located json(String file, String text, int firstLine) {
        return document(file, text, JsonFactory.builder().build(), firstLine);
    }

    /** Reads a JSON array item by item, so that a long one need not be held. */
    static void jsonItems(Path file, Consumer<Located> each) {
        parsed(file.toString(), TextFile.read(file), JsonFactory.builder().build(), 1, reader -> {
            if (!reader.parser.isExpectedStartArrayToken()) {
                throw reader.value(0).bad("no list of records", "a JSON array", "give the file of the data set");
            }
            while (reader.parser.nextToken() != JsonToken.END_ARRAY) {
                each.accept(reader.value(1));
            }
            return null;
        });
    }

    private static Located document(String file, String text, JsonFactory format, int firstLine) {
        return parsed(file, text, format, firstLine, reader -> reader.value(0));
    }

    /** What a body makes of a parser that stands on the first token and ends on the last. */
    private static <T> T parsed(String file, String text, JsonFactory format, int firstLine, Body<T> body) {
        format.configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature(), true);
        try (JsonParser parser = format.createParser(text)) {
            Reader reader = new Reader(file, parser, firstLine);
            parser.nextToken();
            T made = body.read(reader);
            if (parser.nextToken() != null) {
                throw new BadInput(
                        "more than one document", reader.here(), "the end", "more text", "keep one document");
            }
            return made;
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? file
                    : file + ":" + (e.getLocation().getLineNr() + firstLine - 1) + ":"
                            + e.getLocation().getColumnNr();
            throw BadInput.of(
                            where, "not well formed: " + e.getOriginalMessage().replaceAll("\\s+", " "))
                    .causedBy(e);
        } catch (IOException e) {
            throw BadInput.reading(Path.of(file), e);
        }
    }

    private interface Body<T> {
        T read(Reader reader) throws IOException;
    }

    /** Builds values from a parser's tokens. */
    private record Reader(String file, JsonParser parser, int firstLine) {
        String here() {
            var at = parser.currentTokenLocation();
            return file + ":" + (at.getLineNr() + firstLine - 1) + ":" + at.getColumnNr();
        }

        Located value(int depth) throws IOException {
            String where = here();
            if (depth > DEEPEST) {
                throw new BadInput("nested too deeply", where, "at most " + DEEPEST + " levels", "more", "flatten it");
            }
            if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
                throw new BadInput("YAML alias", where, "the text itself", "*" + yaml.getText(), "write the text out");
            }
            JsonToken token = parser.currentToken();
            if (token == null || token == JsonToken.VALUE_NULL) {
                return new Located(where, null);
            }
            if (token == JsonToken.START_ARRAY) {
                List<Located> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(depth + 1));
                }
                return new Located(where, items);
            }
            if (token == JsonToken.START_OBJECT) {
                Map<String, Located> fields = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    String at = here();
                    parser.nextToken();
                    Located field = value(depth + 1);
                    fields.put(name, field.value == null ? new Located(at, null) : field);
                }
                return new Located(where, fields);
            }
            return new Located(where, parser.getText());
        }
    }

    /** The trouble with this value. */
    public BadInput bad(String what, String expected, String remedy) {
        return new BadInput(what, where, expected, found(), remedy);
    }

    private String found() {
        if (value instanceof String text) {
            return "'" + (text.length() > 80 ? text.substring(0, 80) + "..." : text) + "'";
        }
        return value == null ? "nothing" : isList() ? "a list" : "a mapping";
    }

    boolean isList() {
        return value instanceof List<?>;
    }

    boolean isText() {
        return value instanceof String;
    }

    /** A scalar that is not blank, without surrounding spaces. */
    public String text(String what) {
        if (value instanceof String text && !text.isBlank()) {
            return text.strip();
        }
        throw bad("no " + what, "text", "give the " + what);
    }

    @SuppressWarnings("unchecked") // the only lists that a reader builds
    public List<Located> items(String what) {
        if (isList()) {
            return (List<Located>) value;
        }
        throw bad("no list of " + what, "a list", "give the " + what + " as a list");
    }

    /** The fields by name; only those allowed may be there. */
    public Map<String, Located> fields(String what, Set<String> allowed) {
        Map<String, Located> fields = anyFields(what);
        fields.forEach((name, field) -> {
            if (!allowed.contains(name)) {
                throw new BadInput(
                        "unknown key in " + what,
                        field.where,
                        "one of " + String.join(", ", allowed.stream().sorted().toList()),
                        "'" + name + "'",
                        "correct or remove it");
            }
        });
        return fields;
    }

    @SuppressWarnings("unchecked") // the only maps that a reader builds
    public Map<String, Located> anyFields(String what) {
        if (value instanceof Map<?, ?>) {
            return (Map<String, Located>) value;
        }
        throw bad("no " + what, "a mapping", "give the " + what + " as keys and values");
    }

    /** A field that has to be there. */
    public Located field(String name) {
        return optional(name)
                .orElseThrow(() -> new BadInput(
                        "missing key", where, "a value for '" + name + "'", "none", "add " + name + " here"));
    }

    /** A field that may be missing or null. */
    public Optional<Located> optional(String name) {
        return Optional.ofNullable(anyFields("mapping with " + name).get(name)).filter(field -> field.value != null);
    }
}

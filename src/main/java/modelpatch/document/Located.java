package modelpatch.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonMappingException;
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
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import modelpatch.BadInput;

/**
 * A value of a YAML or JSON document that knows where it stands, so that whatever is wrong with it can be named by file, line and column.
 *
 * @param where {@code file:line:column}
 * @param value a String (any scalar as it is written), a List of Located, a Map of String to Located, or null
 */
public record Located(String where, Object value) {
    private static final int DEEPEST = 50;
    private static final int LONGEST_LINE = 100_000;

    /** What an escape may put into a text and no model reads. */
    private static final Pattern UNREADABLE = Pattern.compile("[\\p{Cntrl}&&[^\\t\\n\\r]]|\\p{Cs}");

    /** A key that is there twice is told by the reader below, which knows where the first one stands. */
    private static final JsonFactory JSON = JsonFactory.builder().build();

    private static final JsonFactory YAML = YAMLFactory.builder().build();

    /** Reads one YAML document. Anchors and aliases, which could hide what a file says, are refused. */
    public static Located yaml(Path file) {
        return yaml(file.toString(), TextFile.read(file));
    }

    /** Reads one YAML document from the text of a file. */
    static Located yaml(String file, String text) {
        requireLines(file, text);
        return document(file, text, YAML, 1);
    }

    /** The library's time grows with the square of a line's length: 40 s and 30 GB of garbage for one of 4 MB. */
    static void requireLines(String file, String text) {
        int line = 1;
        for (int from = 0; from < text.length(); line++) {
            int end = text.indexOf('\n', from);
            int length = (end < 0 ? text.length() : end) - from;
            if (length > LONGEST_LINE) {
                throw new BadInput(
                        "a line too long",
                        file + ":" + line,
                        "at most " + LONGEST_LINE + " characters",
                        String.valueOf(length),
                        "break it, or give the file as JSON Lines where that is read");
            }
            from += length + 1;
        }
    }

    /** Reads one JSON document from text that starts at some line of a file. */
    public static Located json(String file, String text, int firstLine) {
        return document(file, text, JSON, firstLine);
    }

    /**
     * Reads the records of a file one by one, so that a long one need not be held: the items of a JSON array, or one value after another
     * (JSON Lines).
     */
    public static void records(Path file, Consumer<Located> each) {
        parsed(file.toString(), TextFile.read(file), JSON, 1, reader -> {
            JsonToken end = reader.enterList() ? JsonToken.END_ARRAY : null;
            for (; reader.parser.currentToken() != end; reader.parser.nextToken()) {
                each.accept(reader.value(1));
            }
            return reader.closed(null);
        });
    }

    /** The first record of a file's text, of which the rest is not looked at; nothing where the file has none. */
    public static Optional<Located> firstRecord(Path file, String text) {
        return parsed(file.toString(), text, JSON, 1, reader -> {
            JsonToken none = reader.enterList() ? JsonToken.END_ARRAY : null;
            return reader.parser.currentToken() == none ? Optional.empty() : Optional.of(reader.value(1));
        });
    }

    private static Located document(String file, String text, JsonFactory format, int firstLine) {
        return parsed(file, text, format, firstLine, reader -> reader.closed(reader.value(0)));
    }

    /** What a body makes of a parser that stands on the first token. */
    private static <T> T parsed(String file, String text, JsonFactory format, int firstLine, Body<T> body) {
        try (JsonParser parser = format.createParser(text)) {
            Reader reader = new Reader(file, parser, firstLine);
            parser.nextToken();
            return body.read(reader);
        } catch (IOException e) {
            String name = format == YAML ? "YAML" : "JSON";
            throw Syntax.malformed(name, file, text, firstLine, e);
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

        /** Steps into a JSON array, if one begins here. */
        boolean enterList() throws IOException {
            boolean list = parser.isExpectedStartArrayToken();
            if (list) {
                parser.nextToken();
            }
            return list;
        }

        /** What was made, after checking that nothing follows it. */
        <T> T closed(T made) throws IOException {
            if (parser.nextToken() != null) {
                throw new BadInput("more than one document", here(), "the end", "more text", "keep one document");
            }
            return made;
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
                    if (fields.containsKey(name)) {
                        String first = fields.get(name).where;
                        throw new BadInput(
                                "key given twice",
                                at,
                                "every key once",
                                "'" + name + "' again",
                                "keep one; the value of the first is at " + first);
                    }
                    parser.nextToken();
                    Located field = value(depth + 1);
                    fields.put(name, field.value == null ? new Located(at, null) : field);
                }
                return new Located(where, fields);
            }
            return new Located(where, parser.getText());
        }
    }

    /** The value at the end of a path, or the nearest around it that the document has. */
    Located along(List<JsonMappingException.Reference> path) {
        return path.isEmpty()
                ? this
                : step(path.get(0))
                        .map(next -> next.along(path.subList(1, path.size())))
                        .orElse(this);
    }

    /** Whether the document has what a path leads to. */
    boolean has(List<JsonMappingException.Reference> path) {
        return path.isEmpty()
                || step(path.get(0))
                        .filter(next -> next.has(path.subList(1, path.size())))
                        .isPresent();
    }

    private Optional<Located> step(JsonMappingException.Reference to) {
        if (to.getFieldName() != null) {
            return value instanceof Map<?, ?>
                    ? Optional.ofNullable(anyFields("").get(to.getFieldName()))
                    : Optional.empty();
        }
        return isList() && to.getIndex() >= 0 && to.getIndex() < items("").size()
                ? Optional.of(items("").get(to.getIndex()))
                : Optional.empty();
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

    public boolean isMapping() {
        return value instanceof Map<?, ?>;
    }

    public boolean isList() {
        return value instanceof List<?>;
    }

    /** A scalar that is not blank, without surrounding spaces. */
    public String text(String what) {
        if (value instanceof String text && !text.isBlank()) {
            if (UNREADABLE.matcher(text).find()) {
                throw new BadInput(
                        "unreadable character in the " + what,
                        where,
                        "text without control characters and halves of surrogate pairs",
                        "'" + UNREADABLE.matcher(text).replaceAll("?") + "'",
                        "remove it");
            }
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

    /**
     * The fields by name; only those allowed may be there.
     *
     * @throws BadInput naming every other one with its line
     */
    public Map<String, Located> fields(String what, Set<String> allowed) {
        Map<String, Located> fields = anyFields(what);
        Map<String, Located> unknown = new LinkedHashMap<>(fields);
        unknown.keySet().removeAll(allowed);
        if (!unknown.isEmpty()) {
            List<String> names = new ArrayList<>();
            unknown.forEach(
                    (name, field) -> names.add("'" + name + "'" + (names.isEmpty() ? "" : " at " + field.where)));
            throw new BadInput(
                    (names.size() > 1 ? "unknown keys in " : "unknown key in ") + what,
                    unknown.values().iterator().next().where,
                    "only " + String.join(", ", new TreeSet<>(allowed)),
                    String.join(", ", names),
                    "correct or remove " + (names.size() > 1 ? "them" : "it"));
        }
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

    /** A number between two bounds, both included. */
    public double number(String what, double least, double most) {
        String bounds = most == Double.MAX_VALUE
                ? "a number of at least " + plain(least)
                : "a number between " + plain(least) + " and " + plain(most);
        try {
            double number = Double.parseDouble(text(what));
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw bad("no number for " + what, bounds, "correct it").causedBy(e);
        }
        throw bad(what + " out of range", bounds, "correct it");
    }

    /** A whole number between two bounds, both included. */
    public int whole(String what, int least, int most) {
        double number = number(what, least, most);
        if (number != Math.rint(number)) {
            throw bad("no whole number for " + what, "a whole number", "correct it");
        }
        return (int) number;
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }

    /** True or false. */
    public boolean flag(String what) {
        return choice(what, new Boolean[] {true, false}, String::valueOf);
    }

    /** The one of some values that has this name. */
    public <T> T choice(String what, T[] values, Function<T, String> name) {
        String text = text(what);
        for (T value : values) {
            if (name.apply(value).equals(text)) {
                return value;
            }
        }
        String known = Stream.of(values).map(name).collect(Collectors.joining(" or "));
        throw bad("unknown " + what, known, "choose one of them");
    }
}

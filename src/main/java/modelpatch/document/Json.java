package modelpatch.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import modelpatch.BadInput;

/**
 * JSON as trees and streams, read and written by one set of rules: a repeated key and text after the end are errors, and what is malformed is
 * named by line and column. Records have their own rules, in {@link RecordFile}.
 */
public final class Json {
    /** Bound of one JSON text: the largest index or tokenizer in use is a tenth of it. */
    public static final int MAX_BYTES = 100_000_000;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(MAX_BYTES).build())
            .build();

    private static final JsonMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** An empty object, to be filled. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** An empty array, to be filled. */
    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /** A tree, a text, a number or a list of such as JSON on one line. */
    public static String line(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON: " + value.getClass(), e);
        }
    }

    /** A value as a tree: a record's components by their own names. */
    public static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    /**
     * The value that a text holds; a missing node where it holds none.
     *
     * @param where what to name in messages
     * @throws BadInput where the text is malformed
     */
    public static JsonNode parse(String text, String where) {
        return parseLine(text, where, 1);
    }

    /**
     * The value that one line of a file of JSON lines holds.
     *
     * @param number of the line, from 1
     * @throws BadInput where the line is malformed
     */
    public static JsonNode parseLine(String line, String file, int number) {
        try {
            return MAPPER.readTree(line);
        } catch (JsonProcessingException e) {
            throw Syntax.malformed("JSON", file, line, number, e);
        }
    }

    /**
     * The value that UTF-8 text holds; a missing node where it holds none.
     *
     * @param where what to name in messages
     * @throws BadInput where the text is malformed
     */
    public static JsonNode parse(byte[] text, String where) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw malformed(where, text, e);
        }
    }

    /**
     * The JSON object that a file holds.
     *
     * @throws BadInput where it is missing, too large, malformed or no object
     */
    public static JsonNode object(Path path) {
        byte[] text = TextFile.bytes(path, MAX_BYTES);
        JsonNode node = parse(text, path.toString());
        if (!node.isObject()) {
            throw new BadInput(
                    "wrong JSON",
                    path.toString(),
                    "an object { .. }",
                    text.length == 0
                            ? "an empty file"
                            : node.getNodeType().toString().toLowerCase(Locale.ROOT),
                    "download the file again");
        }
        return node;
    }

    /** Reads UTF-8 text token by token. */
    public static JsonParser parser(byte[] text) throws IOException {
        return FACTORY.createParser(text);
    }

    /** Writes UTF-8 text token by token. */
    public static JsonGenerator generator(OutputStream target) throws IOException {
        return FACTORY.createGenerator(target);
    }

    /**
     * What to say of text that a parser stumbled over.
     *
     * @param where what to name, before line and column
     */
    public static BadInput malformed(String where, byte[] text, IOException trouble) {
        return Syntax.malformed("JSON", where, new String(text, StandardCharsets.UTF_8), 1, trouble);
    }
}

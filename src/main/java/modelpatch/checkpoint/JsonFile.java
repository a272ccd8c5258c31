package modelpatch.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import modelpatch.BadInput;

/** Reads the JSON files beside the weights; what is malformed is named by line and column, a repeated key is an error. */
public final class JsonFile {
    /** Bound of one JSON text: the largest index or tokenizer in use is a tenth of it. */
    static final int MAX_BYTES = 100_000_000;

    static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(MAX_BYTES).build())
            .build();

    static final JsonMapper MAPPER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonFile() {}

    /**
     * The JSON object that a file holds.
     *
     * @throws BadInput where it is missing, too large or no object
     */
    public static JsonNode object(Path path) {
        try {
            long size = Files.size(path);
            if (size > MAX_BYTES) {
                throw new BadInput(
                        "too large for a JSON file",
                        path.toString(),
                        "at most " + MAX_BYTES + " bytes",
                        size + " bytes",
                        "is this another file under that name?");
            }
            JsonNode node = MAPPER.readTree(Files.readAllBytes(path));
            if (!node.isObject()) {
                throw new BadInput(
                        "wrong JSON",
                        path.toString(),
                        "an object { .. }",
                        size == 0
                                ? "an empty file"
                                : node.getNodeType().toString().toLowerCase(Locale.ROOT),
                        "download the file again");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw malformed(path.toString(), e);
        } catch (IOException e) {
            throw BadInput.reading(path, e);
        }
    }

    /** Text that is no JSON, with its place. */
    public static BadInput malformed(String where, JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        String place = at == null ? where : where + " line " + at.getLineNr() + ", column " + at.getColumnNr();
        return BadInput.of(place, "malformed JSON: " + reason(e)).causedBy(e);
    }

    /** The file, with line and column where the trouble has a place in it. */
    public static String place(Path file, JacksonException e) {
        JsonLocation at = e.getLocation();
        return at == null || at.getLineNr() < 1
                ? file.toString()
                : file + ":" + at.getLineNr() + ":" + at.getColumnNr();
    }

    /** What a parser has against a text, without its own words about where it read it: the place stands before the message. */
    public static String reason(JacksonException e) {
        return e.getOriginalMessage().replaceAll(" \\(start marker at \\[.*\\]\\)", "");
    }
}

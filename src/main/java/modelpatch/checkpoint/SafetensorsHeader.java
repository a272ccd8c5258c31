package modelpatch.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import modelpatch.BadInput;
import modelpatch.document.Json;

/**
 * The header of one safetensors file: eight bytes with its length, a JSON object of tensors and an optional {@code __metadata__} of strings;
 * the tensors' bytes follow it. (Source: the safetensors format description.) Read as a stream, so that nothing is kept but what is known.
 */
final class SafetensorsHeader {
    /** The format's own bound of a header. */
    private static final long MAX_HEADER = Json.MAX_BYTES;

    /** Of a shape: more than any framework has dimensions. */
    private static final int MAX_NUMBERS = 64;

    private final OpenFile file;
    private final String where;
    private final SortedMap<String, JsonNode> metadata = new TreeMap<>();
    private final TensorTable table;

    private SafetensorsHeader(OpenFile file) {
        this.file = file;
        this.where = "header of " + file.path();
        long length = headerLength();
        this.table = new TensorTable(file.path(), 8 + length, file.size());
        byte[] json = file.bytes(8, length).array();
        try (JsonParser parser = Json.parser(json)) {
            readEntries(parser);
        } catch (IOException e) {
            throw Json.malformed(where, json, e);
        }
    }

    static SafetensorsHeader read(OpenFile file) {
        return new SafetensorsHeader(file);
    }

    SortedMap<String, TensorInfo> tensors() {
        return table.checkedWithoutGaps();
    }

    Map<String, JsonNode> metadata() {
        return metadata;
    }

    private long headerLength() {
        if (file.size() < 8) {
            throw lying(
                    "too short",
                    "at least 8 bytes",
                    file.size() + " bytes",
                    "the file is truncated; download it again");
        }
        long length = file.bytes(0, 8).getLong(0);
        if (length < 2 || length > MAX_HEADER || length > file.size() - 8) {
            throw lying(
                    "impossible header length",
                    "2 to " + Math.min(MAX_HEADER, file.size() - 8) + " bytes",
                    Long.toUnsignedString(length),
                    "the file is truncated or is not safetensors");
        }
        return length;
    }

    private void readEntries(JsonParser parser) throws IOException {
        require(parser, parser.nextToken() == JsonToken.START_OBJECT, "an object of tensors");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            boolean isMetadata = name.equals("__metadata__");
            if (isMetadata && value == JsonToken.VALUE_NULL) {
                continue; // what some writers say for none; the reference implementation reads it so
            }
            require(parser, value == JsonToken.START_OBJECT, "an object for " + name);
            if (isMetadata) {
                readMetadata(parser);
            } else {
                readTensor(parser, name);
            }
        }
        require(parser, parser.nextToken() == null, "nothing after the header's object");
    }

    private void readMetadata(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            require(parser, parser.nextToken() == JsonToken.VALUE_STRING, "a string for " + key);
            metadata.put(key, TextNode.valueOf(parser.getText()));
        }
    }

    private void readTensor(JsonParser parser, String name) throws IOException {
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "dtype" -> {
                    require(parser, parser.currentToken() == JsonToken.VALUE_STRING, "a string for dtype of " + name);
                    dtype = parser.getText();
                }
                case "shape" -> shape = numbers(parser, "shape of " + name);
                case "data_offsets" -> offsets = numbers(parser, "data_offsets of " + name);
                default -> parser.skipChildren();
            }
        }
        require(
                parser,
                dtype != null && shape != null && offsets != null && offsets.size() == 2,
                "dtype, shape and data_offsets [begin, end] for " + name);
        long begin = offsets.get(0);
        long end = offsets.get(1);
        if (begin < 0 || end < begin) {
            throw lying(
                    "impossible data_offsets of " + name,
                    "0 <= begin <= end",
                    offsets.toString(),
                    "the header is damaged");
        }
        table.add(name, kind(dtype, name), shape, begin, end - begin);
    }

    private TensorKind kind(String dtype, String name) {
        return TensorKind.ofSafetensors(dtype)
                .orElseThrow(() -> new BadInput(
                        "unknown dtype",
                        name + " in " + file.path(),
                        "F64, F32, F16 or BF16 for weights",
                        dtype,
                        "convert the checkpoint to one of these"));
    }

    private List<Long> numbers(JsonParser parser, String of) throws IOException {
        require(parser, parser.currentToken() == JsonToken.START_ARRAY, "an array for " + of);
        List<Long> numbers = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            require(
                    parser,
                    parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                            && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER,
                    "whole numbers below 2^63 in " + of);
            numbers.add(parser.getLongValue());
            require(parser, numbers.size() <= MAX_NUMBERS, "at most " + MAX_NUMBERS + " numbers in " + of);
        }
        return numbers;
    }

    private void require(JsonParser parser, boolean holds, String expected) {
        if (!holds) {
            var at = parser.currentTokenLocation();
            throw new BadInput(
                    "wrong header",
                    where + ":" + at.getLineNr() + ":" + at.getColumnNr(),
                    expected,
                    String.valueOf(parser.currentToken()),
                    "the header is damaged; download the file again");
        }
    }

    private BadInput lying(String what, String expected, String found, String remedy) {
        return new BadInput(what, where, expected, found, remedy);
    }
}

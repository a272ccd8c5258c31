package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Key-values as the bytes of a GGUF header, in the types that llama.cpp asks for: text as a string, a truth value as a bool, a whole number
 * as uint32 (in a list as int32), any other number as float32. (Source: the GGUF specification's value types.)
 */
final class GgufKeyValues {
    private static final int UINT32 = 4;
    private static final int INT32 = 5;
    private static final int FLOAT32 = 6;
    private static final int BOOL = 7;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private GgufKeyValues() {}

    static byte[] encode(Map<String, JsonNode> keyValues) {
        GgufKeyValues out = new GgufKeyValues();
        keyValues.forEach((key, value) -> {
            out.string(key);
            if (value.isArray()) {
                out.list(value);
            } else {
                out.number(Integer.BYTES, type(value, UINT32));
                out.content(value);
            }
        });
        return out.bytes.toByteArray();
    }

    private void list(JsonNode list) {
        number(Integer.BYTES, GgufHeader.ARRAY);
        number(Integer.BYTES, list.isEmpty() ? GgufHeader.STRING : type(list.get(0), INT32));
        number(Long.BYTES, list.size());
        list.forEach(this::content);
    }

    private static int type(JsonNode value, int whole) {
        if (value.isTextual()) {
            return GgufHeader.STRING;
        }
        if (value.isBoolean()) {
            return BOOL;
        }
        return value.isIntegralNumber() ? whole : FLOAT32;
    }

    private void content(JsonNode value) {
        if (value.isTextual()) {
            string(value.textValue());
        } else if (value.isBoolean()) {
            number(1, value.booleanValue() ? 1 : 0);
        } else if (value.isIntegralNumber()) {
            number(Integer.BYTES, value.longValue());
        } else {
            number(Integer.BYTES, Float.floatToRawIntBits(value.floatValue()));
        }
    }

    private void string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        number(Long.BYTES, utf8.length);
        bytes.writeBytes(utf8);
    }

    /** The low bytes of a number, least significant first. */
    private void number(int count, long value) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (value >>> (8 * i)));
        }
    }
}

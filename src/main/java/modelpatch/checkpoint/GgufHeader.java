package modelpatch.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;

/**
 * The header of a GGUF file, version 2 or 3, little endian: magic, version, counts, key-values, tensor entries; then padding to the alignment
 * and the tensors' bytes. (Source: the GGUF specification.) Every count is checked against the bytes left before anything is kept for it.
 */
final class GgufHeader {
    static final int MAGIC = 0x46554747; // "GGUF"

    /** Elements of all arrays together: the largest vocabularies need about two million. */
    private static final long MAX_ARRAY_ELEMENTS = 8_000_000;

    /** Of the largest models less than ten thousand. */
    private static final long MAX_TENSORS = 1_000_000;

    /** Bytes of a name or a chat template. */
    private static final long LONGEST_STRING = 64 << 20;

    private static final int MAX_ARRAY_DEPTH = 4;
    private static final int MAX_DIMENSIONS = 4;
    static final int STRING = 8;
    static final int ARRAY = 9;
    /** Least bytes of a value by its type number. */
    private static final int[] LEAST_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};

    /**
     * A tensor entry as the file states it, but with its shape turned round: outermost dimension first.
     *
     * @param type ggml's number of its kind, known here or not
     */
    record Entry(Path file, String name, long type, List<Long> shape, long offset) {
        /** @throws BadInput for a type that is no kind here */
        TensorKind kind() {
            return TensorKind.ofGgml(type)
                    .orElseThrow(() -> new BadInput(
                            "unknown tensor type",
                            name + " in " + file,
                            "one of " + TensorKind.weights(),
                            TensorKind.unknownGgml(type),
                            "convert the model to one of these types"));
        }

        long elements() {
            return shape.stream().reduce(1L, Math::multiplyExact);
        }
    }

    /** A key and where its bytes, value included, begin and end in the file. */
    record KeyValue(String key, long start, long end) {}

    private final OpenFile file;
    private final HeaderBytes in;
    private final Map<String, JsonNode> metadata = new LinkedHashMap<>();
    private final List<KeyValue> keyValues = new ArrayList<>();
    private final List<Entry> entries = new ArrayList<>();
    private final long dataStart;
    private final long alignment;
    private long arrayElements;

    private GgufHeader(OpenFile file) {
        this.file = file;
        this.in = new HeaderBytes(file);
        try {
            requireVersion();
            long tensors = count(in.getLong(), 24, MAX_TENSORS, "tensors");
            long keys = count(in.getLong(), 13, MAX_TENSORS, "key-values");
            for (long i = 0; i < keys; i++) {
                long start = in.position();
                keyValues.add(new KeyValue(readKeyValue(), start, in.position()));
            }
            this.alignment = statedAlignment();
            for (long i = 0; i < tensors; i++) {
                entries.add(readEntry(alignment));
            }
            long padded = (in.position() + alignment - 1) / alignment * alignment;
            this.dataStart = Math.min(padded, file.size());
        } catch (BufferUnderflowException e) {
            throw lying("truncated", "a whole header", "the end of the file inside it", "download the file again")
                    .causedBy(e);
        }
    }

    static GgufHeader read(OpenFile file) {
        return new GgufHeader(file);
    }

    Map<String, JsonNode> metadata() {
        return metadata;
    }

    List<Entry> entries() {
        return entries;
    }

    /** Where each key-value lies, in the order of the file. */
    List<KeyValue> keyValues() {
        return keyValues;
    }

    /** Bytes at whose multiples tensors begin. */
    long alignment() {
        return alignment;
    }

    /** Where tensor offsets count from, in bytes. */
    long dataStart() {
        return dataStart;
    }

    private void requireVersion() {
        if (in.getInt() != MAGIC) {
            throw lying("no GGUF file", "the letters GGUF at its start", "other bytes", "is it another format?");
        }
        int version = in.getInt();
        if (version != 2 && version != 3) {
            boolean bigEndian = Integer.reverseBytes(version) == 2 || Integer.reverseBytes(version) == 3;
            throw lying(
                    "unsupported GGUF version",
                    "2 or 3, little endian",
                    bigEndian ? "a big-endian file" : Integer.toUnsignedString(version),
                    "convert the model again with a present converter");
        }
    }

    /** A claimed number of things, each of which takes at least so many bytes of what is left; a file that is a hole has room for any. */
    private long count(long claimed, int leastBytes, long most, String things) {
        long room = Math.min(most, in.remaining() / leastBytes);
        if (claimed < 0 || claimed > room) {
            throw lying(
                    "absurd number of " + things,
                    "at most " + room + ", which is what "
                            + (room == most ? "any model needs" : "the file has room for"),
                    Long.toUnsignedString(claimed),
                    "the file is truncated or its header is damaged; download it again");
        }
        return claimed;
    }

    private String readKeyValue() {
        String key = string();
        if (metadata.put(key, value(in.getInt(), key, 0)) != null) {
            throw lying("key " + key + " twice", "each key once", "a second value", "the header is damaged");
        }
        return key;
    }

    private String string() {
        int length = (int) count(in.getLong(), 1, LONGEST_STRING, "characters");
        return new String(in.get(length), StandardCharsets.UTF_8);
    }

    private JsonNode value(int type, String key, int depth) {
        return switch (type) {
            case 0 -> LongNode.valueOf(in.get() & 0xff);
            case 1 -> LongNode.valueOf(in.get());
            case 2 -> LongNode.valueOf(in.getShort() & 0xffff);
            case 3 -> LongNode.valueOf(in.getShort());
            case 4 -> LongNode.valueOf(Integer.toUnsignedLong(in.getInt()));
            case 5 -> LongNode.valueOf(in.getInt());
            case 6 -> shortest(in.getFloat());
            case 7 -> BooleanNode.valueOf(in.get() != 0);
            case STRING -> TextNode.valueOf(string());
            case ARRAY -> array(key, depth + 1);
            case 10 -> unsigned(in.getLong());
            case 11 -> LongNode.valueOf(in.getLong());
            case 12 -> DoubleNode.valueOf(in.getDouble());
            default -> throw unknownType(type, key);
        };
    }

    private ArrayNode array(String key, int depth) {
        int type = in.getInt();
        if (type < 0 || type >= LEAST_BYTES.length) {
            throw unknownType(type, key);
        }
        long length = count(in.getLong(), LEAST_BYTES[type], Long.MAX_VALUE, "elements of " + key);
        arrayElements += length;
        if (arrayElements > MAX_ARRAY_ELEMENTS || depth > MAX_ARRAY_DEPTH) {
            throw lying(
                    "absurd arrays in the metadata",
                    "at most " + MAX_ARRAY_ELEMENTS + " elements, " + MAX_ARRAY_DEPTH + " deep",
                    arrayElements + " elements, " + depth + " deep, at " + key,
                    "the header is damaged");
        }
        ArrayNode array = JsonNodeFactory.instance.arrayNode((int) length);
        for (long i = 0; i < length; i++) {
            array.add(value(type, key, depth));
        }
        return array;
    }

    /** A float32 as the decimal it was written as: 1e-5 and not 9.999999747378752e-6. */
    private static DoubleNode shortest(float value) {
        return DoubleNode.valueOf(Double.parseDouble(Float.toString(value)));
    }

    private static JsonNode unsigned(long value) {
        return value >= 0
                ? LongNode.valueOf(value)
                : JsonNodeFactory.instance.numberNode(new BigInteger(Long.toUnsignedString(value)));
    }

    private long statedAlignment() {
        JsonNode stated = metadata.get("general.alignment");
        if (stated == null) {
            return 32;
        }
        long alignment = stated.asLong();
        if (!stated.isIntegralNumber() || alignment < 8 || alignment > 1 << 20 || alignment % 8 != 0) {
            throw lying("impossible general.alignment", "a multiple of 8", stated.toString(), "the header is damaged");
        }
        return alignment;
    }

    private Entry readEntry(long alignment) {
        String name = string();
        long dimensions = Integer.toUnsignedLong(in.getInt());
        if (dimensions > MAX_DIMENSIONS) {
            throw lying(
                    "too many dimensions of " + name,
                    "at most " + MAX_DIMENSIONS,
                    String.valueOf(dimensions),
                    "the header is damaged");
        }
        Long[] shape = new Long[(int) dimensions];
        for (int i = shape.length - 1; i >= 0; i--) { // the file lists the innermost dimension first
            shape[i] = in.getLong();
        }
        long type = Integer.toUnsignedLong(in.getInt());
        long offset = in.getLong();
        if (offset % alignment != 0) {
            throw lying(
                    "misaligned " + name,
                    "an offset that is a multiple of " + alignment,
                    Long.toUnsignedString(offset),
                    "the header is damaged");
        }
        return new Entry(file.path(), name, type, List.of(shape), offset);
    }

    private BadInput unknownType(int type, String key) {
        return lying(
                "unknown type of metadata value " + key,
                "0 to " + (LEAST_BYTES.length - 1),
                Integer.toUnsignedString(type),
                "the header is damaged");
    }

    private BadInput lying(String what, String expected, String found, String remedy) {
        return new BadInput(what, "header of " + file.path(), expected, found, remedy);
    }
}

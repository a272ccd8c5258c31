package modelpatch.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes small GGUF files, straight from the specification: the other side of what the reader is tested with. */
public final class GgufBuilder {
    private record Entry(String name, int ggmlType, List<Long> shape, byte[] bytes) {}

    private final int version;
    private final ByteArrayOutputStream keyValues = new ByteArrayOutputStream();
    private final List<Entry> entries = new ArrayList<>();
    private int keys;
    private int alignment = 32;

    public GgufBuilder(int version) {
        this.version = version;
    }

    /** Adds a string, Boolean, Short (as uint16), Integer (uint32), Long (uint64), Float, Double, or a list of strings or of Integers (int32). */
    public GgufBuilder put(String key, Object value) {
        keys++;
        string(keyValues, key);
        if (value instanceof List<?> list) {
            number(keyValues, 4, 9);
            boolean strings = list.isEmpty() || list.get(0) instanceof String;
            number(keyValues, 4, strings ? 8 : 5);
            number(keyValues, 8, list.size());
            for (Object element : list) {
                if (strings) {
                    string(keyValues, (String) element);
                } else {
                    number(keyValues, 4, (Integer) element);
                }
            }
        } else {
            scalar(value);
        }
        return this;
    }

    public GgufBuilder alignment(int bytes) {
        alignment = bytes;
        return put("general.alignment", bytes);
    }

    /**
     * Adds a tensor.
     *
     * @param shape row-major, outermost first
     */
    public GgufBuilder tensor(String name, int ggmlType, List<Long> shape, byte[] bytes) {
        entries.add(new Entry(name, ggmlType, shape, bytes));
        return this;
    }

    public GgufBuilder float32(String name, List<Long> shape, float... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (float value : values) {
            number(bytes, 4, Float.floatToRawIntBits(value));
        }
        return tensor(name, 0, shape, bytes.toByteArray());
    }

    public byte[] build() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        number(out, 4, version);
        number(out, 8, entries.size());
        number(out, 8, keys);
        out.writeBytes(keyValues.toByteArray());
        long offset = 0;
        for (Entry entry : entries) {
            string(out, entry.name());
            number(out, 4, entry.shape().size());
            for (int i = entry.shape().size() - 1; i >= 0; i--) {
                number(out, 8, entry.shape().get(i));
            }
            number(out, 4, entry.ggmlType());
            number(out, 8, offset);
            offset += padded(entry.bytes().length);
        }
        for (Entry entry : entries) {
            out.writeBytes(new byte[padded(out.size()) - out.size()]);
            out.writeBytes(entry.bytes());
        }
        return out.toByteArray();
    }

    public Path write(Path file) {
        try {
            return Files.write(file, build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes it as so many parts, as llama.cpp's gguf-split does: the first has the key-values, and all say which part they are. */
    public List<Path> writeParts(Path directory, String name, int count) {
        List<Path> files = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            GgufBuilder part = new GgufBuilder(version);
            part.alignment = alignment;
            if (number == 0) {
                part.keyValues.writeBytes(keyValues.toByteArray());
                part.keys = keys;
            }
            part.put("split.no", (short) number);
            part.put("split.tensors.count", entries.size());
            part.put("split.count", (short) count);
            part.entries.addAll(
                    entries.subList(entries.size() * number / count, entries.size() * (number + 1) / count));
            files.add(part.write(
                    directory.resolve(String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", name, number + 1, count))));
        }
        return files;
    }

    private int padded(int size) {
        return (size + alignment - 1) / alignment * alignment;
    }

    private void scalar(Object value) {
        if (value instanceof String text) {
            number(keyValues, 4, 8);
            string(keyValues, text);
        } else if (value instanceof Boolean flag) {
            number(keyValues, 4, 7);
            number(keyValues, 1, flag ? 1 : 0);
        } else if (value instanceof Short integer) {
            number(keyValues, 4, 2);
            number(keyValues, 2, integer);
        } else if (value instanceof Integer integer) {
            number(keyValues, 4, 4);
            number(keyValues, 4, integer);
        } else if (value instanceof Long integer) {
            number(keyValues, 4, 10);
            number(keyValues, 8, integer);
        } else if (value instanceof Float real) {
            number(keyValues, 4, 6);
            number(keyValues, 4, Float.floatToRawIntBits(real));
        } else if (value instanceof Double real) {
            number(keyValues, 4, 12);
            number(keyValues, 8, Double.doubleToRawLongBits(real));
        } else {
            throw new IllegalArgumentException("no GGUF type for " + value);
        }
    }

    private static void string(ByteArrayOutputStream out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        number(out, 8, utf8.length);
        out.writeBytes(utf8);
    }

    /** Writes the low bytes of a number, least significant first. */
    private static void number(ByteArrayOutputStream out, int bytes, long value) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (value >>> (8 * i)));
        }
    }
}

package modelpatch.checkpoint;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import modelpatch.BadInput;

/**
 * The tensors that one file claims to hold, each checked against the file before anything is allocated for it: sizes that follow
 * from kind and shape, ranges inside the file, no name twice, no byte twice.
 */
final class TensorTable {
    private static final int MAX_DIMENSIONS = 32;

    private final Path file;
    private final long dataStart;
    private final long fileSize;
    private final SortedMap<String, TensorInfo> tensors = new TreeMap<>();

    /** @param dataStart where the header ends and tensors may begin, in bytes */
    TensorTable(Path file, long dataStart, long fileSize) {
        this.file = file;
        this.dataStart = dataStart;
        this.fileSize = fileSize;
    }

    /**
     * Adds a tensor whose length follows from its kind and shape.
     *
     * @param offset from the start of the data, as both formats count
     */
    void add(String name, TensorKind kind, List<Long> shape, long offset) {
        add(name, kind, shape, offset, bytes(name, kind, shape));
    }

    /**
     * Adds a tensor that is stored in another shape.
     *
     * @param stored a shape of as many elements, whose rows are whole blocks
     */
    void add(String name, TensorKind kind, List<Long> shape, List<Long> stored, long offset) {
        requirePrintable(name);
        put(name, kind, shape, offset, requireRoom(name, kind, stored, offset));
    }

    /**
     * Checks that a tensor of a shape can be where a header says.
     *
     * @return its length in bytes
     */
    long requireRoom(String name, TensorKind kind, List<Long> shape, long offset) {
        long length = bytes(name, kind, shape);
        requireInside(name, offset, length);
        return length;
    }

    /** Adds a tensor whose header states a length of its own, which must be the one that kind and shape ask for. */
    void add(String name, TensorKind kind, List<Long> shape, long offset, long length) {
        requirePrintable(name);
        long expected = bytes(name, kind, shape);
        if (length != expected) {
            throw lying(
                    name,
                    "wrong length",
                    expected + " bytes for " + kind + " " + shape,
                    length + " bytes",
                    "the header is damaged; download the file again");
        }
        requireInside(name, offset, length);
        put(name, kind, shape, offset, length);
    }

    private void requireInside(String name, long offset, long length) {
        long room = fileSize - dataStart;
        if (offset < 0 || offset > room || length > room - offset) {
            throw lying(
                    name,
                    "lies outside the file",
                    "a range within the " + room + " bytes of tensor data",
                    "bytes " + offset + " to " + plus(offset, length),
                    "the file is truncated or its header is damaged; download it again");
        }
    }

    private void put(String name, TensorKind kind, List<Long> shape, long offset, long length) {
        TensorInfo info = new TensorInfo(name, kind, shape, file, dataStart + offset, length);
        if (tensors.put(name, info) != null) {
            throw lying(name, "named twice", "each name once", "a second entry", "the header is damaged");
        }
    }

    /** All tensors by name, once no two of them share a byte. */
    SortedMap<String, TensorInfo> checked() {
        List<TensorInfo> byOffset = new ArrayList<>(tensors.values());
        byOffset.sort(Comparator.comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::length));
        for (int i = 1; i < byOffset.size(); i++) {
            TensorInfo before = byOffset.get(i - 1);
            TensorInfo here = byOffset.get(i);
            long end = before.offset() + before.length();
            if (here.length() > 0 && here.offset() < end) {
                throw lying(
                        here.name(),
                        "overlaps " + before.name(),
                        "a start at or after byte " + end,
                        "byte " + here.offset(),
                        "the header is damaged; download the file again");
            }
        }
        return tensors;
    }

    /**
     * All tensors by name, once they share no byte and leave none out, as the safetensors format demands: bytes that belong to no tensor may
     * be another file in disguise.
     */
    SortedMap<String, TensorInfo> checkedWithoutGaps() {
        checked();
        long covered = tensors.values().stream().mapToLong(TensorInfo::length).sum();
        if (covered != fileSize - dataStart) {
            throw new BadInput(
                    "bytes that belong to no tensor",
                    file.toString(),
                    fileSize - dataStart + " bytes of tensors",
                    covered + " bytes",
                    "the file is damaged or not safetensors; download it again");
        }
        return tensors;
    }

    private long bytes(String name, TensorKind kind, List<Long> shape) {
        if (shape.size() > MAX_DIMENSIONS) {
            throw lying(
                    name,
                    "too many dimensions",
                    "at most " + MAX_DIMENSIONS,
                    String.valueOf(shape.size()),
                    "the header is damaged");
        }
        long elements = 1;
        try {
            for (long dimension : shape) {
                if (dimension < 0) {
                    throw lying(
                            name,
                            "negative dimension",
                            "a shape of non-negative numbers",
                            shape.toString(),
                            "the header is damaged");
                }
                elements = Math.multiplyExact(elements, dimension);
            }
            long innermost = shape.isEmpty() ? 1 : shape.get(shape.size() - 1);
            if (innermost % kind.blockElements() != 0) {
                throw lying(
                        name,
                        "rows do not fill whole blocks",
                        "a multiple of " + kind.blockElements() + " for " + kind,
                        innermost + " columns",
                        "the header is damaged");
            }
            return kind.bytes(elements);
        } catch (ArithmeticException e) {
            throw lying(name, "absurd shape", "sizes that fit a file", kind + " " + shape, "the header is damaged");
        }
    }

    private void requirePrintable(String name) {
        if (name.isEmpty() || name.chars().anyMatch(c -> c < ' ')) {
            throw lying(
                    "a tensor",
                    "unusable name",
                    "printable characters",
                    "'" + name.replaceAll("\\p{Cntrl}", "?") + "'",
                    "the header is damaged");
        }
    }

    private BadInput lying(String name, String what, String expected, String found, String remedy) {
        return new BadInput(what, name + " in " + file, expected, found, remedy);
    }

    private static String plus(long offset, long length) {
        return BigInteger.valueOf(offset).add(BigInteger.valueOf(length)).toString();
    }
}

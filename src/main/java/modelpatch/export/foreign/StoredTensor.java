package modelpatch.export.foreign;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A constant tensor of an ONNX model and where its numbers lie.
 *
 * @param name as the model names it; exporters often give numbers
 * @param type UNDEFINED where it is none that is known here
 * @param file the model itself, or the file of its external data
 * @param offset bytes from the start of that file
 * @param varints whether each number lies there with a length of its own (int32_data), so that it can be read and not replaced
 */
record StoredTensor(
        String name, DataType type, List<Long> shape, Path file, long offset, long length, boolean varints) {

    /** Whether it is a matrix of sizes that are possible. */
    boolean isMatrix() {
        return shape.size() == 2 && shape.stream().allMatch(size -> size > 0 && size <= Integer.MAX_VALUE);
    }

    int rows() {
        return Math.toIntExact(shape.get(0));
    }

    int columns() {
        return Math.toIntExact(shape.get(1));
    }

    /** 1 for a scalar. */
    long elements() {
        return shape.stream().reduce(1L, (a, b) -> a * b);
    }

    /** Whether it has bytes for all its elements, of so many bits each; numbers with lengths of their own are taken on trust. */
    boolean isWhole(int bits) {
        return varints || elements() * bits <= 8 * length;
    }

    /** Whether its bytes can be replaced one by one. */
    boolean isRewritable() {
        return !varints && isReadable();
    }

    /** Whether {@link #bytes} can hold its numbers: a buffer reaches 2 GB, and an entry of int32_data may become two numbers of 8 bits. */
    boolean isReadable() {
        return length >= 0 && length <= (varints ? Integer.MAX_VALUE / 2 : Integer.MAX_VALUE);
    }

    /** Its numbers side by side, little endian; memory-mapped where they lie so in the file. */
    ByteBuffer bytes() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer stored = channel.map(MapMode.READ_ONLY, offset, length);
            return (varints ? unpacked(stored) : stored).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** One entry of int32_data holds a number of 16 bits, one of 8, or two of 4. (Source: onnx.proto.) */
    private ByteBuffer unpacked(ByteBuffer stored) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(stored);
        boolean wide = type == DataType.FLOAT16 || type == DataType.BFLOAT16;
        ByteBuffer numbers = ByteBuffer.allocate(Math.toIntExact(2 * length))
                .order(ByteOrder.LITTLE_ENDIAN); // an entry has a byte or more
        while (!in.isAtEnd()) {
            int entry = (int) in.readRawVarint64();
            numbers = wide ? numbers.putShort((short) entry) : numbers.put((byte) entry);
        }
        return numbers.flip();
    }
}

package modelpatch.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import modelpatch.checkpoint.TensorKind;

/**
 * A constant tensor of an ONNX model and where its numbers lie.
 *
 * @param name as the model names it; exporters often give numbers
 * @param file the model itself, or the file of its external data
 * @param offset bytes from the start of that file
 */
record StoredTensor(String name, DataType type, List<Long> shape, Path file, long offset, long length) {

    /** How the numbers are stored, where they are of a kind that weights have. */
    boolean isFloat() {
        return switch (type) {
            case FLOAT, FLOAT16, BFLOAT16 -> true;
            default -> false;
        };
    }

    boolean isMatrix() {
        return shape.size() == 2;
    }

    int rows() {
        return Math.toIntExact(shape.get(0));
    }

    int columns() {
        return Math.toIntExact(shape.get(1));
    }

    TensorKind kind() {
        return switch (type) {
            case FLOAT -> TensorKind.F32;
            case FLOAT16 -> TensorKind.F16;
            case BFLOAT16 -> TensorKind.BF16;
            default -> throw new IllegalStateException(name + " is " + type);
        };
    }

    /** The stored bytes, memory-mapped, little endian. */
    ByteBuffer bytes() throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.map(MapMode.READ_ONLY, offset, length).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}

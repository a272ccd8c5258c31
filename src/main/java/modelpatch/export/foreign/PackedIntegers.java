package modelpatch.export.foreign;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * How integers of 4 or 8 bits lie in a constant of an ONNX model: side by side, of two in a byte the first in the low half. (Source: the ONNX
 * specification of INT4 and UINT4; ONNX Runtime's MatMulNBits packs alike.)
 *
 * @param signed in two's complement
 */
record PackedIntegers(int bits, boolean signed) {
    static Optional<PackedIntegers> of(DataType type) {
        return switch (type) {
            case INT8 -> Optional.of(new PackedIntegers(8, true));
            case UINT8 -> Optional.of(new PackedIntegers(8, false));
            case INT4 -> Optional.of(new PackedIntegers(4, true));
            case UINT4 -> Optional.of(new PackedIntegers(4, false));
            default -> Optional.empty();
        };
    }

    /** All that there are. */
    Grid.Range range() {
        int least = signed ? -(1 << (bits - 1)) : 0;
        return new Grid.Range(least, least + mask());
    }

    int get(ByteBuffer bytes, int index) {
        int stored = (bytes.get(place(index)) >> shift(index)) & mask();
        return signed && stored > mask() / 2 ? stored - (1 << bits) : stored;
    }

    void put(CopiedTensor copy, int index, int number) {
        int others = copy.get(place(index)) & ~(mask() << shift(index));
        copy.put(place(index), (byte) (others | ((number & mask()) << shift(index))));
    }

    private int place(int index) {
        return (int) ((long) index * bits / 8);
    }

    private int shift(int index) {
        return index % (8 / bits) * bits;
    }

    private int mask() {
        return (1 << bits) - 1;
    }
}

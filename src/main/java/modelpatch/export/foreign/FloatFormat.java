package modelpatch.export.foreign;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.nio.ByteBuffer;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.checkpoint.HalfPrecision;
import modelpatch.checkpoint.TensorKind;

/** How floating-point numbers lie in a constant of an ONNX model: F32, F16 or BF16, side by side, rounded to the nearest, ties to even. */
record FloatFormat(TensorKind kind) {
    static Optional<FloatFormat> of(DataType type) {
        return switch (type) {
            case FLOAT -> Optional.of(new FloatFormat(TensorKind.F32));
            case FLOAT16 -> Optional.of(new FloatFormat(TensorKind.F16));
            case BFLOAT16 -> Optional.of(new FloatFormat(TensorKind.BF16));
            default -> Optional.empty();
        };
    }

    /** Bits of a number. */
    int width() {
        return 8 * size();
    }

    private int size() {
        return kind.blockBytes();
    }

    float get(ByteBuffer bytes, int index) {
        return value(stored(bytes, index));
    }

    /** Whether a number, rounded, lies there bit for bit. */
    boolean isAt(ByteBuffer bytes, int index, float value) {
        return stored(bytes, index) == bits(value);
    }

    /** @throws BadInput where a finite number is too large */
    void put(CopiedTensor copy, int index, float value) {
        int bits = bits(value);
        if (Float.isInfinite(value(bits)) && !Float.isInfinite(value)) {
            throw new BadInput(
                    "too large for " + kind,
                    copy.name(),
                    "numbers that " + kind + " can hold",
                    String.valueOf(value),
                    "use an ONNX file with float32 weights");
        }
        for (int i = 0; i < size(); i++) {
            copy.put(index * size() + i, (byte) (bits >>> (8 * i)));
        }
    }

    /** The number that is stored for this one. */
    float rounded(float value) {
        return value(bits(value));
    }

    private int stored(ByteBuffer bytes, int index) {
        return kind == TensorKind.F32 ? bytes.getInt(index * size()) : bytes.getShort(index * size());
    }

    private int bits(float value) {
        return switch (kind) {
            case F16 -> HalfPrecision.toHalf(value);
            case BF16 -> HalfPrecision.toBrain(value);
            default -> Float.floatToRawIntBits(value);
        };
    }

    private float value(int bits) {
        return switch (kind) {
            case F16 -> HalfPrecision.fromHalf((short) bits);
            case BF16 -> HalfPrecision.fromBrain((short) bits);
            default -> Float.intBitsToFloat(bits);
        };
    }
}

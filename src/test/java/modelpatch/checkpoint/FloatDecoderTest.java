package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The fast decoder against a slow one that follows the layouts word by word, one element at a time. */
class FloatDecoderTest {
    /** More than one chunk, and not a whole number of them. */
    private static final int ELEMENTS = 2 * FloatDecoder.CHUNK + 96;

    /** Element {@code i}, by the definitions of the formats, in float32 arithmetic. */
    static float element(TensorKind kind, ByteBuffer stored, int i) {
        int block = i / 32;
        int within = i % 32;
        return switch (kind) {
            case F64 -> (float) stored.getDouble(8 * i);
            case F32 -> stored.getFloat(4 * i);
            case F16 -> HalfPrecision.fromHalf(stored.getShort(2 * i));
            case BF16 -> HalfPrecision.fromBrain(stored.getShort(2 * i));
            case Q8_0 -> {
                float d = HalfPrecision.fromHalf(stored.getShort(34 * block));
                yield stored.get(34 * block + 2 + within) * d;
            }
            case Q4_0 -> {
                float d = HalfPrecision.fromHalf(stored.getShort(18 * block));
                int nibble = nibble(stored.get(18 * block + 2 + within % 16), within);
                yield (nibble - 8) * d;
            }
            case Q4_1 -> {
                float d = HalfPrecision.fromHalf(stored.getShort(20 * block));
                float m = HalfPrecision.fromHalf(stored.getShort(20 * block + 2));
                float product = nibble(stored.get(20 * block + 4 + within % 16), within) * d;
                yield product + m;
            }
            default -> throw new IllegalArgumentException(kind.toString());
        };
    }

    private static int nibble(byte pair, int within) {
        return within < 16 ? pair & 0xf : (pair & 0xf0) >> 4;
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"})
    void everyElementIsWhatTheLayoutDefines(TensorKind kind) {
        ByteBuffer stored = randomBytes(kind, ELEMENTS, new Random(42));
        FloatBuffer decoded = FloatBuffer.allocate(ELEMENTS);

        new FloatDecoder(kind).decode(stored, decoded);

        assertThat(decoded.hasRemaining()).isFalse();
        for (int i = 0; i < ELEMENTS; i++) {
            int expected = Float.floatToIntBits(element(kind, stored, i));
            assertThat(Float.floatToIntBits(decoded.get(i))).as("element %d", i).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"})
    void decodingStartsAtAnyBlock(TensorKind kind) {
        ByteBuffer stored = randomBytes(kind, ELEMENTS, new Random(42));
        FloatBuffer decoded = FloatBuffer.allocate(64);

        new FloatDecoder(kind).decode(stored.slice((int) kind.bytes(96), (int) kind.bytes(64)), decoded);

        for (int i = 0; i < 64; i++) {
            int expected = Float.floatToIntBits(element(kind, stored, 96 + i));
            assertThat(Float.floatToIntBits(decoded.get(i))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F64", "F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1"})
    void finiteMeansThatEveryElementIs(TensorKind kind) {
        Random random = new Random(7);
        int n = kind.blockElements();
        int notFinite = 0;
        for (int trial = 0; trial < 2000; trial++) {
            ByteBuffer stored = randomBytes(kind, n, random);
            boolean finite = true;
            for (int i = 0; i < n; i++) {
                finite &= Float.isFinite(element(kind, stored, i));
            }
            notFinite += finite ? 0 : 1;
            assertThat(new FloatDecoder(kind).isFinite(stored)).isEqualTo(finite);
        }
        assertThat(notFinite).as("both outcomes were tried").isBetween(1, 1999);
    }

    @Test
    void onlyBlocksShareAScale() {
        assertThat(TensorKind.Q4_1.isQuantised()).isTrue();
        assertThat(TensorKind.Q4_1.bytes(64)).isEqualTo(40);
        assertThat(TensorKind.BF16.isQuantised()).isFalse();
    }

    private static ByteBuffer randomBytes(TensorKind kind, int elements, Random random) {
        byte[] bytes = new byte[(int) kind.bytes(elements)];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}

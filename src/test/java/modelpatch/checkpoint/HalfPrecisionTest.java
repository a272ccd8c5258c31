package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Definition tests over all 65,536 bit patterns, against IEEE 754's formula evaluated in double. */
class HalfPrecisionTest {
    /** (-1)^s 2^(e-bias) (1 + f), or 2^(1-bias) f where e is 0; the largest e is for infinity (f = 0) and NaN. */
    private static double value(int bits, int exponentBits, int fractionBits) {
        int exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
        int fraction = bits & ((1 << fractionBits) - 1);
        int bias = (1 << (exponentBits - 1)) - 1;
        double sign = bits >> (exponentBits + fractionBits) == 0 ? 1 : -1;
        double f = fraction / (double) (1 << fractionBits);
        if (exponent == (1 << exponentBits) - 1) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return exponent == 0 ? sign * Math.pow(2, 1 - bias) * f : sign * Math.pow(2, exponent - bias) * (1 + f);
    }

    @Test
    void everyHalfIsTheNumberThatIeee754Defines() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            assertSame((float) value(bits, 5, 10), HalfPrecision.fromHalf((short) bits), bits);
        }
    }

    @Test
    void everyBrainFloatIsTheNumberThatItsFieldsDefine() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            assertSame((float) value(bits, 8, 7), HalfPrecision.fromBrain((short) bits), bits);
        }
    }

    @Test
    void everyNumberSurvivesTheWayThereAndBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float half = HalfPrecision.fromHalf((short) bits);
            float brain = HalfPrecision.fromBrain((short) bits);
            assertSame(half, HalfPrecision.fromHalf(HalfPrecision.toHalf(half)), bits);
            assertSame(brain, HalfPrecision.fromBrain(HalfPrecision.toBrain(brain)), bits);
        }
    }

    @Test
    void roundingGoesToTheNearestAndTiesToTheEvenOne() {
        for (int bits = 0; bits < 0x7bff; bits++) { // neighbours of one sign, the larger one finite
            assertRounds(bits, value(bits, 5, 10), value(bits + 1, 5, 10), true);
        }
        for (int bits = 0; bits < 0x7f7f; bits++) {
            assertRounds(bits, value(bits, 8, 7), value(bits + 1, 8, 7), false);
        }
    }

    @Test
    void aHalfOverflowsToInfinityFromTheTieAboveItsLargestNumber() {
        assertThat(HalfPrecision.fromHalf(HalfPrecision.toHalf(Math.nextDown(65520f))))
                .isEqualTo(65504f);
        assertThat(HalfPrecision.fromHalf(HalfPrecision.toHalf(65520f))).isInfinite();
        assertThat(HalfPrecision.fromHalf(HalfPrecision.toHalf(-Float.MAX_VALUE)))
                .isEqualTo(Float.NEGATIVE_INFINITY);
    }

    private static void assertRounds(int bits, double low, double high, boolean half) {
        float middle = (float) ((low + high) / 2);
        int even = bits % 2 == 0 ? bits : bits + 1;
        for (float sign : new float[] {1, -1}) {
            int signBit = sign < 0 ? 0x8000 : 0;
            assertThat(narrow(sign * middle, half)).as("tie above %x", bits).isEqualTo(signBit | even);
            if (middle > Float.MIN_NORMAL) { // below it float32 itself has no finer numbers than bfloat16's neighbours
                assertThat(narrow(sign * Math.nextDown(middle), half)).isEqualTo(signBit | bits);
                assertThat(narrow(sign * Math.nextUp(middle), half)).isEqualTo(signBit | (bits + 1));
            }
        }
    }

    private static int narrow(float value, boolean half) {
        return (half ? HalfPrecision.toHalf(value) : HalfPrecision.toBrain(value)) & 0xffff;
    }

    /** Equal to the sign of zero; any NaN is as good as another. */
    private static void assertSame(float expected, float actual, int bits) {
        assertThat(Float.floatToIntBits(actual)).as("bits %04x", bits).isEqualTo(Float.floatToIntBits(expected));
    }
}

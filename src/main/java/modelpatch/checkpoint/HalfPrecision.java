package modelpatch.checkpoint;

/** Conversions between float32 and the two 16-bit formats: IEEE 754 binary16 and bfloat16 (the upper half of a float32). */
public final class HalfPrecision {
    /** 2^112 moves a binary16 exponent (bias 15) to float32's (bias 127), subnormals included, without rounding. */
    private static final float REBIAS = 0x1p112f;

    private HalfPrecision() {}

    /** A binary16 as float32, exactly. */
    public static float fromHalf(short bits) {
        int magnitude = (bits & 0x7fff) << 13;
        float value = Float.intBitsToFloat(magnitude) * REBIAS;
        int special = (bits & 0x7c00) == 0x7c00 ? 0x7f800000 : 0;
        return Float.intBitsToFloat(Float.floatToRawIntBits(value) | special | ((bits & 0x8000) << 16));
    }

    /** Whether a binary16 is neither infinite nor NaN. */
    static boolean isFinite(short bits) {
        return (bits & 0x7c00) != 0x7c00;
    }

    /** A bfloat16 as float32, exactly. */
    public static float fromBrain(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** Rounds to the nearest binary16, ties to even; beyond 65504 + 16 becomes infinite. */
    public static short toHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= 0x47800000) { // 65536 and more
            return (short) (sign | 0x7c00);
        }
        if (magnitude
                < 0x38800000) { // below 2^-14: adding 0.5 leaves the multiple of 2^-24, rounded to even, in the low
            // bits
            float rounded = Math.abs(value) + 0.5f;
            return (short) (sign | (Float.floatToRawIntBits(rounded) - 0x3f000000));
        }
        int rebiased = magnitude - 0x38000000;
        return (short) (sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13));
    }

    /** Rounds to the nearest bfloat16, ties to even; a NaN stays one. */
    public static short toBrain(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}

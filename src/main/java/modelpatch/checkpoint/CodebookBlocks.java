package modelpatch.checkpoint;

import static modelpatch.checkpoint.StoredNumbers.half;
import static modelpatch.checkpoint.StoredNumbers.unsigned16;
import static modelpatch.checkpoint.StoredNumbers.unsigned8;

/**
 * Blocks whose nibbles are not numbers but count into a list of 16: x = d list[q]. Of each 16 elements and more, low nibbles make the first half
 * and high ones the second. Layouts list their fields in the order of the bytes.
 */
final class CodebookBlocks {
    /** Denser about zero, as weights are. (Source: kvalues_iq4nl of ggml, in IQ4_NL of gguf.quants.) */
    private static final byte[] NON_LINEAR = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

    /** Twice the numbers of four-bit floats: sign, two bits of exponent, one of mantissa. (Source: OCP Microscaling Formats 1.0, FP4 E2M1.) */
    private static final byte[] TWICE_E2M1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    private CodebookBlocks() {}

    /** d, 16 bytes of nibbles. */
    static void nonLinear(byte[] in, int at, float[] out, int to) {
        nibbles(in, at + 2, 16, half(in, at), NON_LINEAR, out, to);
    }

    /** d, upper two bits of eight scales in 16, lower four bits in 4 bytes, 128 bytes of nibbles: sub-blocks of 32 with d (s - 32). */
    static void nonLinearOfSuperBlock(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        int upper = unsigned16(in, at + 2);
        for (int sub = 0; sub < 8; sub++) {
            int lower = (in[at + 4 + sub / 2] >>> (sub % 2 * 4)) & 15;
            int scale = (lower | (((upper >>> (2 * sub)) & 3) << 4)) - 32;
            nibbles(in, at + 8 + 16 * sub, 16, d * scale, NON_LINEAR, out, to + 32 * sub);
        }
    }

    /** The exponent of a power of two (E8M0, bias 127), 16 bytes of nibbles. */
    static void microscaling(byte[] in, int at, float[] out, int to) {
        nibbles(in, at + 1, 16, halfOfPower(unsigned8(in, at)), TWICE_E2M1, out, to);
    }

    /** 2^(e - 128), the two smallest as subnormal numbers; half of what E8M0 says, because the list has twice the numbers. */
    private static float halfOfPower(int e) {
        return Float.intBitsToFloat(e < 2 ? 0x00200000 << e : (e - 1) << 23);
    }

    /** Four scales as unsigned eight-bit floats (E4M3), 32 bytes of nibbles: sub-blocks of 16. */
    static void microscalingOfSuperBlock(byte[] in, int at, float[] out, int to) {
        for (int sub = 0; sub < 4; sub++) {
            nibbles(in, at + 4 + 8 * sub, 8, halfOfE4m3(in[at + sub]), TWICE_E2M1, out, to + 16 * sub);
        }
    }

    /** Half the number of four bits of exponent (bias 7) and three of mantissa; the one that would be NaN is 0, and the sign is not looked at. */
    private static float halfOfE4m3(byte bits) {
        int exponent = (bits >>> 3) & 15;
        int mantissa = bits & 7;
        if (bits == 0x7f) {
            return 0;
        }
        return exponent == 0 ? mantissa * 0x1p-10f : Math.scalb(8 + mantissa, exponent - 11);
    }

    /** Low nibbles of so many bytes, then their high ones. */
    private static void nibbles(byte[] in, int at, int bytes, float d, byte[] list, float[] out, int to) {
        for (int i = 0; i < bytes; i++) {
            int pair = in[at + i];
            out[to + i] = d * list[pair & 15];
            out[to + bytes + i] = d * list[(pair >>> 4) & 15];
        }
    }
}

package modelpatch.checkpoint;

import static modelpatch.checkpoint.StoredNumbers.half;
import static modelpatch.checkpoint.StoredNumbers.int32;

/**
 * Blocks with one scale, and in some a minimum, for all their elements: the kinds of 32 elements with evenly spaced numbers, the two of 256
 * with three values, and the one of 128 with two. Layouts list their fields in the order of the bytes.
 */
final class SmallBlocks {
    private static final int ELEMENTS = 32;

    private SmallBlocks() {}

    /** d, 16 bytes of nibbles; x = (q - 8) d. Low nibbles are elements 0 to 15, high ones 16 to 31. */
    static void q4(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int i = 0; i < 16; i++) {
            int pair = in[at + 2 + i];
            out[to + i] = ((pair & 15) - 8) * d;
            out[to + 16 + i] = (((pair >>> 4) & 15) - 8) * d;
        }
    }

    /** d, m, 16 bytes of nibbles; x = q d + m. */
    static void q4WithMinimum(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        float m = half(in, at + 2);
        for (int i = 0; i < 16; i++) {
            int pair = in[at + 4 + i];
            out[to + i] = (pair & 15) * d + m;
            out[to + 16 + i] = ((pair >>> 4) & 15) * d + m;
        }
    }

    /** d, a word whose bit i is the fifth of element i, 16 bytes of nibbles; x = (q - 16) d. */
    static void q5(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        int fifth = int32(in, at + 2);
        for (int i = 0; i < 16; i++) {
            int pair = in[at + 6 + i];
            out[to + i] = (((pair & 15) | (((fifth >>> i) & 1) << 4)) - 16) * d;
            out[to + 16 + i] = ((((pair >>> 4) & 15) | (((fifth >>> (i + 16)) & 1) << 4)) - 16) * d;
        }
    }

    /** d, m, a word whose bit i is the fifth of element i, 16 bytes of nibbles; x = q d + m. */
    static void q5WithMinimum(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        float m = half(in, at + 2);
        int fifth = int32(in, at + 4);
        for (int i = 0; i < 16; i++) {
            int pair = in[at + 8 + i];
            out[to + i] = ((pair & 15) | (((fifth >>> i) & 1) << 4)) * d + m;
            out[to + 16 + i] = (((pair >>> 4) & 15) | (((fifth >>> (i + 16)) & 1) << 4)) * d + m;
        }
    }

    /** d, 32 signed bytes q; x = q d. */
    static void q8(byte[] in, int at, float[] out, int to) {
        bytes(in, at + 2, half(in, at), out, to, ELEMENTS);
    }

    /** d, a sum that only products of blocks need, 32 signed bytes q; x = q d. */
    static void q8WithSum(byte[] in, int at, float[] out, int to) {
        bytes(in, at + 4, half(in, at), out, to, ELEMENTS);
    }

    /** d in float32, 256 signed bytes q, sums that only products of blocks need; x = q d. */
    static void q8OfSuperBlock(byte[] in, int at, float[] out, int to) {
        bytes(in, at + 4, Float.intBitsToFloat(int32(in, at)), out, to, 256);
    }

    private static void bytes(byte[] in, int at, float d, float[] out, int to, int elements) {
        for (int i = 0; i < elements; i++) {
            out[to + i] = in[at + i] * d;
        }
    }

    /** d, 128 bits; x = d where the bit is set, else -d. */
    static void signs(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int i = 0; i < 128; i++) {
            int bit = (in[at + 2 + i / 8] >>> (i % 8)) & 1;
            out[to + i] = (2 * bit - 1) * d;
        }
    }

    /** 64 bytes of four two-bit numbers, d; x = (q - 1) d. In each half of the block bits 2k are those of elements 32 k to 32 k + 31. */
    static void ternaryInTwoBits(byte[] in, int at, float[] out, int to) {
        float d = half(in, at + 64);
        for (int e = 0; e < 256; e++) {
            int pairs = in[at + e / 128 * 32 + e % 32];
            out[to + e] = (((pairs >>> (e % 128 / 32 * 2)) & 3) - 1) * d;
        }
    }

    /**
     * 48 bytes of five ternary digits and 4 of four, d; x = (digit - 1) d. A byte is the fraction 0.digits in base 3, times 256 and rounded up:
     * multiplied by 3^n without its overflow, its leading digit is digit n. Digit n of the first 32 bytes makes elements 32 n to 32 n + 31,
     * then the 16 others of five digits and the 4 of four follow alike.
     */
    static void ternaryInDigits(byte[] in, int at, float[] out, int to) {
        float d = half(in, at + 52);
        digits(in, at, 32, 5, d, out, to);
        digits(in, at + 32, 16, 5, d, out, to + 160);
        digits(in, at + 48, 4, 4, d, out, to + 240);
    }

    private static void digits(byte[] in, int at, int bytes, int digits, float d, float[] out, int to) {
        int power = 1;
        for (int n = 0; n < digits; n++) {
            for (int i = 0; i < bytes; i++) {
                int fraction = (in[at + i] * power) & 0xff;
                out[to + n * bytes + i] = (((fraction * 3) >>> 8) - 1) * d;
            }
            power *= 3;
        }
    }
}

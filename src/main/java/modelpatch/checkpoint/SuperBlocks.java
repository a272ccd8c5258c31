package modelpatch.checkpoint;

import static modelpatch.checkpoint.StoredNumbers.half;

/**
 * Blocks of 256 elements in sub-blocks of 16 or 32, each with a small whole-number scale s (and minimum) of its own that is multiplied by the
 * block's: the kinds that end in _K. Layouts list their fields in the order of the bytes.
 */
final class SuperBlocks {
    private SuperBlocks() {}

    /**
     * 16 bytes of scale (low nibble) and minimum (high nibble) per 16 elements, 64 bytes of two-bit numbers, d, m; x = d s q - m s'. In each half
     * of the block bits 2k of 32 bytes are elements 32 k to 32 k + 31, here and in the next.
     */
    static void q2(byte[] in, int at, float[] out, int to) {
        float d = half(in, at + 80);
        float m = half(in, at + 82);
        for (int sub = 0; sub < 16; sub++) {
            int scales = in[at + sub];
            float scale = d * (scales & 15);
            float minimum = m * ((scales >>> 4) & 15);
            int from = at + 16 + twoBits(sub);
            int shift = shift(sub);
            for (int i = 0; i < 16; i++) {
                out[to + 16 * sub + i] = scale * ((in[from + i] >>> shift) & 3) - minimum;
            }
        }
    }

    /**
     * 32 bytes of third bits (bit k of byte i is that of element 32 k + i), 64 bytes of two-bit numbers, 12 bytes of six-bit scales, d; x = d (s -
     * 32) (q - 4).
     */
    static void q3(byte[] in, int at, float[] out, int to) {
        float d = half(in, at + 108);
        for (int sub = 0; sub < 16; sub++) {
            int low = (in[at + 96 + sub % 8] >>> (sub / 8 * 4)) & 15;
            int high = (in[at + 104 + sub % 4] >>> (sub / 4 * 2)) & 3;
            float scale = d * ((low | (high << 4)) - 32);
            int from = at + 32 + twoBits(sub);
            int shift = shift(sub);
            int third = at + sub % 2 * 16;
            for (int i = 0; i < 16; i++) {
                int q = ((in[from + i] >>> shift) & 3) | (((in[third + i] >>> (sub / 2)) & 1) << 2);
                out[to + 16 * sub + i] = scale * (q - 4);
            }
        }
    }

    /** Where the two-bit numbers of 16 elements begin. */
    private static int twoBits(int sub) {
        return sub / 8 * 32 + sub % 2 * 16;
    }

    /** The bits of those bytes in which the numbers are. */
    private static int shift(int sub) {
        return sub % 8 / 2 * 2;
    }

    /** d, m, 12 bytes of six-bit scales and minima, 128 bytes of nibbles; x = d s q - m s'. Low nibbles of 32 bytes make one sub-block, high ones the next. */
    static void q4(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        float m = half(in, at + 2);
        for (int sub = 0; sub < 8; sub++) {
            float scale = d * scale(in, at + 4, sub);
            float minimum = m * minimum(in, at + 4, sub);
            int from = at + 16 + sub / 2 * 32;
            int shift = sub % 2 * 4;
            int first = to + 32 * sub;
            for (int i = 0; i < 32; i++) {
                out[first + i] = scale * ((in[from + i] >>> shift) & 15) - minimum;
            }
        }
    }

    /** d, m, 12 bytes of scales and minima, 32 bytes of fifth bits (bit k of byte i is that of element 32 k + i), 128 bytes of nibbles; x = d s q - m s'. */
    static void q5(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        float m = half(in, at + 2);
        for (int sub = 0; sub < 8; sub++) {
            float scale = d * scale(in, at + 4, sub);
            float minimum = m * minimum(in, at + 4, sub);
            int from = at + 48 + sub / 2 * 32;
            int shift = sub % 2 * 4;
            int first = to + 32 * sub;
            for (int i = 0; i < 32; i++) {
                int q = ((in[from + i] >>> shift) & 15) | (((in[at + 16 + i] >>> sub) & 1) << 4);
                out[first + i] = scale * q - minimum;
            }
        }
    }

    /** Six bits of scale: of sub-blocks 0 to 3 the low ones of bytes 0 to 3; of the others a low nibble, and two bits left over there. */
    private static int scale(byte[] scales, int at, int sub) {
        return sub < 4
                ? scales[at + sub] & 63
                : (scales[at + 4 + sub] & 15) | (((scales[at + sub - 4] >>> 6) & 3) << 4);
    }

    /** Six bits of minimum: of sub-blocks 0 to 3 the low ones of bytes 4 to 7; of the others a high nibble, and two bits left over there. */
    private static int minimum(byte[] scales, int at, int sub) {
        return sub < 4
                ? scales[at + 4 + sub] & 63
                : ((scales[at + 4 + sub] >>> 4) & 15) | (((scales[at + sub] >>> 6) & 3) << 4);
    }

    /**
     * 128 bytes of nibbles, 64 bytes of upper bits, 16 signed bytes of scale, d; x = d s (q - 32). In each half of the block the low nibbles of 64
     * bytes come before their high ones, and bits 2k of 32 bytes are the upper ones of elements 32 k to 32 k + 31.
     */
    static void q6(byte[] in, int at, float[] out, int to) {
        float d = half(in, at + 208);
        for (int sub = 0; sub < 16; sub++) {
            float scale = d * in[at + 192 + sub];
            int lower = at + sub / 8 * 64 + sub % 4 * 16;
            int nibble = sub % 8 / 4 * 4;
            int upper = at + 128 + twoBits(sub);
            int shift = shift(sub);
            int first = to + 16 * sub;
            for (int i = 0; i < 16; i++) {
                int q = ((in[lower + i] >>> nibble) & 15) | (((in[upper + i] >>> shift) & 3) << 4);
                out[first + i] = scale * (q - 32);
            }
        }
    }
}

package modelpatch.checkpoint;

import static modelpatch.checkpoint.StoredNumbers.half;
import static modelpatch.checkpoint.StoredNumbers.int32;
import static modelpatch.checkpoint.StoredNumbers.unsigned16;
import static modelpatch.checkpoint.StoredNumbers.unsigned8;

/**
 * Blocks of 256 elements that name a point of a {@link Grid} for each 8 or 4 of them, and the signs of its coordinates. Layouts list their
 * fields in the order of the bytes; a group is 8 elements.
 */
final class GridBlocks {
    private static final Grid IQ2_XXS = Grid.of("iq2_xxs");
    private static final Grid IQ2_XS = Grid.of("iq2_xs");
    private static final Grid IQ2_S = Grid.of("iq2_s");
    private static final Grid IQ3_XXS = Grid.of("iq3_xxs");
    private static final Grid IQ3_S = Grid.of("iq3_s");
    private static final Grid IQ1 = Grid.of("iq1_s");

    /** How far the points of the one-bit kinds are moved, in either direction. */
    private static final float SHIFT = 0.125f;

    private GridBlocks() {}

    /** d, per 32 elements four bytes of points and a word: signs of four groups, 7 bits each, and a scale in the last four; d (s + 1/2) / 4. */
    static void iq2Xxs(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int sub = 0; sub < 8; sub++) {
            int points = at + 2 + 8 * sub;
            int word = int32(in, points + 4);
            float scale = d * (0.5f + (word >>> 28)) * 0.25f;
            for (int group = 0; group < 4; group++) {
                int signs = evenSigns(word >>> (7 * group));
                IQ2_XXS.put(unsigned8(in, points + group), signs, scale, out, to + 32 * sub + 8 * group);
            }
        }
    }

    /** d, per group 16 bits: 9 of point, 7 of signs; per 16 elements a nibble of scale; d (s + 1/2) / 4. */
    static void iq2Xs(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int group = 0; group < 32; group++) {
            int word = unsigned16(in, at + 2 + 2 * group);
            float scale = d * (0.5f + nibble(in, at + 66, group / 2)) * 0.25f;
            IQ2_XS.put(word & 511, evenSigns(word >>> 9), scale, out, to + 8 * group);
        }
    }

    /** d, 32 bytes of points, 32 of signs, 8 of two upper bits of points, per 16 elements a nibble of scale; d (s + 1/2) / 4. */
    static void iq2S(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int group = 0; group < 32; group++) {
            int upper = (in[at + 66 + group / 4] >>> (group % 4 * 2)) & 3;
            float scale = d * (0.5f + nibble(in, at + 74, group / 2)) * 0.25f;
            int signs = in[at + 34 + group];
            IQ2_S.put(unsigned8(in, at + 2 + group) | (upper << 8), signs, scale, out, to + 8 * group);
        }
    }

    /** d, 64 bytes of points of four, per 32 elements a word of signs and scale as in IQ2_XXS; d (s + 1/2) / 2. */
    static void iq3Xxs(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int group = 0; group < 32; group++) {
            int word = int32(in, at + 66 + group / 4 * 4);
            float scale = d * (0.5f + (word >>> 28)) * 0.5f;
            int signs = evenSigns(word >>> (group % 4 * 7));
            int points = at + 2 + 2 * group;
            IQ3_XXS.put(unsigned8(in, points), signs, scale, out, to + 8 * group);
            IQ3_XXS.put(unsigned8(in, points + 1), signs >>> 4, scale, out, to + 8 * group + 4);
        }
    }

    /** d, 64 bytes of points of four, 8 bytes of their ninth bits, 32 of signs, per 32 elements a nibble of scale; d (2 s + 1). */
    static void iq3S(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int quad = 0; quad < 64; quad++) {
            int ninth = (in[at + 66 + quad / 8] >>> (quad % 8)) & 1;
            float scale = d * (1 + 2 * nibble(in, at + 106, quad / 8));
            int signs = in[at + 74 + quad / 2] >>> (quad % 2 * 4);
            IQ3_S.put(unsigned8(in, at + 2 + quad) | (ninth << 8), signs, scale, out, to + 4 * quad);
        }
    }

    /** d, 32 bytes of points, per 32 elements 16 bits: three upper bits of four points, three of scale, the direction of the shift; d (2 s + 1). */
    static void iq1S(byte[] in, int at, float[] out, int to) {
        float d = half(in, at);
        for (int group = 0; group < 32; group++) {
            int word = unsigned16(in, at + 34 + group / 4 * 2);
            int upper = (word >>> (group % 4 * 3)) & 7;
            float scale = d * (2 * ((word >>> 12) & 7) + 1);
            float shift = (word & 0x8000) == 0 ? SHIFT : -SHIFT;
            IQ1.putShifted(unsigned8(in, at + 2 + group) | (upper << 8), shift, scale, out, to + 8 * group);
        }
    }

    /**
     * 32 bytes of points, 16 bytes of nibbles per group: three upper bits of the point and the direction of the shift; 8 bytes as four times 16
     * bits: per 16 elements three bits of scale, and four bits of d, which is in no one place; d (2 s + 1).
     */
    static void iq1M(byte[] in, int at, float[] out, int to) {
        int bits = 0;
        for (int i = 0; i < 4; i++) {
            bits |= unsigned16(in, at + 48 + 2 * i) >>> 12 << (4 * i);
        }
        float d = HalfPrecision.fromHalf((short) bits);
        for (int group = 0; group < 32; group++) {
            int upper = nibble(in, at + 32, group);
            int scale = (unsigned16(in, at + 48 + group / 8 * 2) >>> (group / 2 % 4 * 3)) & 7;
            float shift = (upper & 8) == 0 ? SHIFT : -SHIFT;
            int point = unsigned8(in, at + group) | ((upper & 7) << 8);
            IQ1.putShifted(point, shift, d * (2 * scale + 1), out, to + 8 * group);
        }
    }

    private static int nibble(byte[] in, int at, int which) {
        return (in[at + which / 2] >>> (which % 2 * 4)) & 15;
    }

    /** Seven signs and an eighth that makes the number of negative ones even. */
    private static int evenSigns(int seven) {
        int signs = seven & 127;
        return signs | ((Integer.bitCount(signs) & 1) << 7);
    }
}

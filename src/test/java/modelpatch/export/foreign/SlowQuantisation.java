package modelpatch.export.foreign;

import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;
import modelpatch.checkpoint.HalfPrecision;

/**
 * A matrix in integers, the slow and obvious way: every element knows its tile, and codes are found by trying all of them.
 *
 * @param tile of a row and a column
 * @param scale of every tile
 * @param zero of every tile
 * @param code of every element
 */
record SlowQuantisation(
        IntBinaryOperator tile, float[] scale, int[] zero, int[][] code, int least, int greatest, boolean halfScales) {

    /** By minimum and maximum as ONNX Runtime's quantizers do: symmetric, or with the zero point that uses all codes. */
    static SlowQuantisation of(
            float[][] m, IntBinaryOperator tile, int least, int greatest, boolean symmetric, int middle, boolean half) {
        int tiles = 1 + tile.applyAsInt(m.length - 1, m[0].length - 1);
        SlowQuantisation made = new SlowQuantisation(
                tile, new float[tiles], new int[tiles], new int[m.length][m[0].length], least, greatest, half);
        for (int t = 0; t < tiles; t++) {
            double lowest = Math.min(0, made.lowest(m, t));
            double highest = Math.max(0, made.highest(m, t));
            double farthest = Math.abs(lowest) > highest ? lowest : highest;
            if (!symmetric) {
                made.span(t, lowest, highest);
            } else if (greatest - middle < middle - least) { // one code more below: the farthest lies there
                made.set(t, farthest / (least - middle), middle);
            } else {
                made.set(t, Math.abs(farthest) / (greatest - middle), middle);
            }
        }
        made.encode(m, (row, column) -> true);
        return made;
    }

    static float[][] transposed(float[][] m) {
        float[][] turned = new float[m[0].length][m.length];
        for (int row = 0; row < m.length; row++) {
            for (int column = 0; column < m[0].length; column++) {
                turned[column][row] = m[row][column];
            }
        }
        return turned;
    }

    private interface Choice {
        boolean of(int row, int column);
    }

    private void set(int t, double step, int middle) {
        scale[t] = stored(step);
        zero[t] = middle;
    }

    private void span(int t, double lowest, double highest) {
        scale[t] = stored((highest - lowest) / (greatest - least));
        zero[t] =
                scale[t] == 0 ? least : (int) Math.max(least, Math.min(greatest, Math.rint(least - lowest / scale[t])));
    }

    private float stored(double step) {
        return halfScales ? HalfPrecision.fromHalf(HalfPrecision.toHalf((float) step)) : (float) step;
    }

    private void encode(float[][] m, Choice choice) {
        for (int row = 0; row < m.length; row++) {
            for (int column = 0; column < m[0].length; column++) {
                if (choice.of(row, column)) {
                    code[row][column] = nearest(m[row][column], tile.applyAsInt(row, column));
                }
            }
        }
    }

    private int nearest(float value, int t) {
        int best = zero[t];
        for (int q = least; q <= greatest; q++) {
            double error = distance(value, q, t);
            double other = distance(value, best, t);
            if (error < other || (error == other && (q - zero[t]) % 2 == 0)) {
                best = q;
            }
        }
        return scale[t] == 0 ? zero[t] : best;
    }

    private double distance(float value, int q, int t) {
        return Math.abs(value - (double) scale[t] * (q - zero[t]));
    }

    private double worst(float[][] m, int t) {
        double worst = 0;
        for (int row = 0; row < m.length; row++) {
            for (int column = 0; column < m[0].length; column++) {
                if (tile.applyAsInt(row, column) == t) {
                    worst = Math.max(worst, distance(m[row][column], nearest(m[row][column], t), t));
                }
            }
        }
        return worst;
    }

    float[][] values() {
        float[][] values = new float[code.length][code[0].length];
        for (int row = 0; row < code.length; row++) {
            for (int column = 0; column < code[0].length; column++) {
                int t = tile.applyAsInt(row, column);
                values[row][column] = scale[t] * (code[row][column] - zero[t]);
            }
        }
        return values;
    }

    /**
     * The rule of {@code --requantise} as docs/formats/exports.md states it.
     *
     * @param zerosMove whether zero points may
     */
    SlowQuantisation requantised(float[][] before, float[][] after, boolean zerosMove) {
        SlowQuantisation made = new SlowQuantisation(
                tile,
                scale.clone(),
                zero.clone(),
                Arrays.stream(code).map(int[]::clone).toArray(int[][]::new),
                least,
                greatest,
                halfScales);
        boolean[] anew = new boolean[scale.length];
        for (int t = 0; t < scale.length; t++) {
            boolean edited = edited(before, after, t);
            anew[t] = edited && worst(after, t) > Math.max(Math.abs(scale[t]) / 2, worst(before, t));
            if (anew[t] && zerosMove) {
                made.span(t, Math.min(0, lowest(after, t)), Math.max(0, highest(after, t)));
            } else if (anew[t]) {
                made.widen(t, lowest(after, t), highest(after, t), hasNegativeScales());
            }
        }
        made.encode(
                after,
                (row, column) -> before[row][column] != after[row][column] || anew[tile.applyAsInt(row, column)]);
        return made;
    }

    /** Of all scales of the sign, or of either where the file has negative ones, the smallest with which both ends have a code. */
    private void widen(int t, double lowest, double highest, boolean eitherSign) {
        double same = widened(t, lowest, highest, scale[t] < 0);
        double other = widened(t, lowest, highest, scale[t] >= 0);
        scale[t] = stored(eitherSign && Math.abs(other) < Math.abs(same) ? other : same);
    }

    private double widened(int t, double lowest, double highest, boolean negative) {
        int above = (negative ? least : greatest) - zero[t];
        int below = (negative ? greatest : least) - zero[t];
        double step = Math.max(Math.abs(highest > 0 ? highest / above : 0), Math.abs(lowest < 0 ? lowest / below : 0));
        return negative ? -step : step;
    }

    private boolean hasNegativeScales() {
        return IntStream.range(0, scale.length).anyMatch(t -> scale[t] < 0);
    }

    /** Tiles that differ from another quantisation in scale or zero point. */
    long rescaled(SlowQuantisation other) {
        return IntStream.range(0, scale.length)
                .filter(t -> scale[t] != other.scale[t] || zero[t] != other.zero[t])
                .count();
    }

    private boolean edited(float[][] before, float[][] after, int t) {
        boolean edited = false;
        for (int row = 0; row < before.length; row++) {
            for (int column = 0; column < before[0].length; column++) {
                edited |= tile.applyAsInt(row, column) == t && before[row][column] != after[row][column];
            }
        }
        return edited;
    }

    private double lowest(float[][] m, int t) {
        double lowest = Double.POSITIVE_INFINITY;
        for (int row = 0; row < m.length; row++) {
            for (int column = 0; column < m[0].length; column++) {
                lowest = tile.applyAsInt(row, column) == t ? Math.min(lowest, m[row][column]) : lowest;
            }
        }
        return lowest;
    }

    private double highest(float[][] m, int t) {
        double highest = Double.NEGATIVE_INFINITY;
        for (int row = 0; row < m.length; row++) {
            for (int column = 0; column < m[0].length; column++) {
                highest = tile.applyAsInt(row, column) == t ? Math.max(highest, m[row][column]) : highest;
            }
        }
        return highest;
    }
}

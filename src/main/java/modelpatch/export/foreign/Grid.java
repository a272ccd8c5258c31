package modelpatch.export.foreign;

/**
 * The numbers that the codes of a tile stand for: scale (code - zero). (Source: DequantizeLinear of the ONNX operator specification; MatMulInteger
 * and MatMulNBits of ONNX Runtime agree.)
 *
 * @param codes that there are
 */
record Grid(float scale, int zero, Range codes) {
    /** Steps that a number is off its code, where it is the nearest. */
    private static final double HALF_STEP = 0.5;

    /**
     * Steps that a number may be off the first or last code: makers cut off what lies beyond. (Source: quantize_matmul_nbits of ONNX Runtime, whose
     * symmetric 4 bits put the largest magnitude on -8, so that its like of the other sign would need +8; and rounded zero points.)
     */
    private static final double CUT_OFF = 1;

    /** Relative: one rounding of the weight to float16 on the way to its code, and one of the scale. */
    private static final double ROUNDING = 0x1p-10;

    float value(int code) {
        return scale * (code - zero);
    }

    /** The nearest code, of two the even one, as QuantizeLinear rounds. */
    int code(float value) {
        double code = scale == 0 ? zero : Math.rint((double) value / scale) + zero;
        return codes.nearest(code);
    }

    /** Whether a code may have been made from a number: it lies within half a step, or as far as is cut off at the ends. */
    boolean holds(int code, float value) {
        double error = (double) value - (double) scale * (code - zero);
        boolean outwards = error * scale > 0 ? code == codes.greatest() : code == codes.least();
        double steps = outwards ? CUT_OFF : HALF_STEP;
        return Math.abs(error) <= steps * Math.abs(scale) + ROUNDING * Math.abs(value);
    }

    /** Whether the nearest code is as near as codes are. */
    boolean reaches(float value) {
        return beyond(value) <= HALF_STEP;
    }

    /**
     * Whether all numbers from lowest to highest have a code: none is cut off by more than half a step, or than the maker had cut off others.
     *
     * @param before numbers that the maker was content with
     */
    boolean fits(Span numbers, Span before) {
        return beyond(numbers) <= Math.max(HALF_STEP, beyond(before));
    }

    private double beyond(Span numbers) {
        return Math.max(beyond(numbers.lowest()), beyond(numbers.highest()));
    }

    /** Steps that a number lies beyond the last code. */
    private double beyond(float value) {
        double code = value == 0 ? zero : (double) value / scale + zero;
        return Math.max(codes.least() - code, code - codes.greatest());
    }

    /**
     * The finest grid with this zero point that cuts nothing off: the number farthest out, in proportion, lies on the last code. For forms with
     * as many codes above 0 as below that is their makers' rule, scale = largest magnitude / greatest code.
     *
     * @param eitherSign whether the scale may change its sign, which is finer where one side has more codes and the number farthest out lies on
     *     the other
     */
    Grid widened(Span numbers, FloatFormat stored, boolean eitherSign) {
        double same = step(numbers, scale < 0);
        double other = step(numbers, scale >= 0);
        boolean turned = eitherSign && other < same;
        boolean negative = (scale < 0) != turned;
        double step = turned ? other : same;
        float rounded = stored.rounded((float) (negative ? -step : step));
        return rounded == 0 ? this : new Grid(rounded, zero, codes);
    }

    /** The smallest magnitude of a scale of this sign that cuts nothing off. */
    private double step(Span numbers, boolean negative) {
        int above = Math.abs((negative ? codes.least() : codes.greatest()) - zero);
        int below = Math.abs((negative ? codes.greatest() : codes.least()) - zero);
        return Math.max(step(numbers.highest(), above), step(-numbers.lowest(), below));
    }

    /** The step with which a number lies that many codes from 0; 0 where it lies on the other side, or no step brings it there. */
    private static double step(float value, int codes) {
        return codes == 0 ? 0 : Math.max(0, (double) value / codes);
    }

    /**
     * The finest grid of all: the lowest number, or 0, lies on the first code and the highest, or 0, on the last, and 0 has a code of its own. The
     * makers' rule for forms with zero points. (Source: quantisation by minimum and maximum in ONNX Runtime's quantizers.)
     */
    Grid spanning(Span numbers, FloatFormat stored) {
        double lowest = Math.min(0, numbers.lowest());
        double highest = Math.max(0, numbers.highest());
        float step = stored.rounded((float) ((highest - lowest) / (codes.greatest() - codes.least())));
        if (step == 0) {
            return this;
        }
        return new Grid(step, codes.nearest(codes.least() + Math.rint(-lowest / step)), codes);
    }

    /** The same step with other codes allowed. */
    Grid within(Range range) {
        return new Grid(scale, zero, range);
    }

    /** Codes from the least to the greatest. */
    record Range(int least, int greatest) {
        int nearest(double code) {
            return (int) Math.max(least, Math.min(greatest, code));
        }
    }

    /** The lowest and the highest of some numbers. */
    record Span(float lowest, float highest) {}
}

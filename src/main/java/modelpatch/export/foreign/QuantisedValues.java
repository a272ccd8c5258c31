package modelpatch.export.foreign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.stream.IntStream;

/** The numbers of a quantised matrix, read where they lie. */
final class QuantisedValues {
    private final QuantisedConstant constant;
    private final Tiling tiling;
    private final ByteBuffer codes;
    private final ByteBuffer scales;
    private final FloatFormat format;
    private final Optional<ByteBuffer> zeros;

    private QuantisedValues(QuantisedConstant constant, Optional<ByteBuffer> zeros) throws IOException {
        this.constant = constant;
        this.tiling = constant.tiling();
        this.codes = constant.codes().bytes();
        this.scales = constant.scales().bytes();
        this.format = FloatFormat.of(constant.scales().type()).orElseThrow();
        this.zeros = zeros;
    }

    static QuantisedValues of(QuantisedConstant constant) throws IOException {
        Optional<StoredTensor> zeros = constant.zeros();
        return new QuantisedValues(
                constant, zeros.isPresent() ? Optional.of(zeros.get().bytes()) : Optional.empty());
    }

    int code(int row, int column) {
        return constant.integers().get(codes, tiling.code(row, column));
    }

    int zero(int row, int column) {
        return zeros.map(bytes -> constant.integers().get(bytes, tiling.zero(row, column)))
                .orElse(constant.zeroElsewhere());
    }

    /** What the codes of an element's tile stand for. */
    Grid grid(int row, int column) {
        return new Grid(
                format.get(scales, tiling.scale(row, column)),
                zero(row, column),
                constant.integers().range());
    }

    /** How scales are stored. */
    FloatFormat format() {
        return format;
    }

    /** Whether a weight may have been quantised to what lies there; codes that are all zero say nothing. */
    boolean hold(Placement placement) {
        boolean telling = false;
        for (int row = placement.firstRow(); row < placement.endRow(); row++) {
            for (int column = placement.firstColumn(); column < placement.endColumn(); column++) {
                Grid grid = grid(row, column);
                int code = code(row, column);
                if (!grid.holds(code, placement.weight().before()[placement.index(row, column)])) {
                    return false;
                }
                telling |= code != grid.zero();
            }
        }
        return telling;
    }

    /** Whether every tile has the same zero point: the mark of a symmetric form. */
    boolean isSymmetric() {
        int first = zero(0, 0);
        for (int row = 0; row < tiling.rows(); row += tiling.tileRows()) {
            for (int column = 0; column < tiling.columns(); column += tiling.tileColumns()) {
                if (zero(row, column) != first) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether some tile has a negative scale: the mark of a maker to whom the sign does not matter. */
    boolean hasNegativeScales() {
        return IntStream.range(0, tiling.tiles()).anyMatch(tile -> format.get(scales, tile) < 0);
    }

    /**
     * The codes that the maker used, from the lowest to the highest, and mirrored where the form is symmetric: some tile fills the range that they
     * were given. Some makers leave a bit unused so that sums of products do not overflow (reduce_range of ONNX Runtime's quantizers); so does
     * what is rewritten.
     */
    Grid.Range usedCodes() {
        int least = Integer.MAX_VALUE;
        int greatest = Integer.MIN_VALUE;
        for (int row = 0; row < tiling.rows(); row++) {
            for (int column = 0; column < tiling.columns(); column++) {
                int code = code(row, column);
                least = Math.min(least, code);
                greatest = Math.max(greatest, code);
            }
        }
        if (!isSymmetric()) {
            return new Grid.Range(least, greatest);
        }
        int zero = zero(0, 0);
        int reach = Math.max(greatest - zero, zero - least);
        Grid.Range all = constant.integers().range();
        return new Grid.Range(all.nearest(zero - reach), all.nearest(zero + reach));
    }
}

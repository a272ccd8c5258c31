package modelpatch.export.foreign;

import java.io.IOException;
import java.util.Optional;
import modelpatch.export.foreign.Grid.Span;
import modelpatch.export.foreign.QuantisedConstant.Freedom;

/**
 * Quantises a patched weight in the place of the unpatched one. A tile keeps its scale and zero point, and every number that was not edited its
 * very bits, as long as the edited ones fit ({@link Grid#fits}): requantising a tile anew would move all of its numbers by up to half a step for
 * nothing. Where they do not fit, the tile gets the finest grid that its form allows and all of its numbers are rounded to that, rather than the
 * edit being cut off: {@link Grid#spanning} where zero points differ from tile to tile, else {@link Grid#widened}.
 *
 * <p>A tile that reaches beyond the weight, as the one scale of a fused matrix does, always keeps its grid, for its other numbers are not ours.
 */
final class Requantising {
    private final QuantisedConstant constant;
    private final QuantisedValues stored;
    private final Placement placement;
    private final boolean zerosMove;
    private final boolean eitherSign;
    private final Grid.Range codes;
    private final CopiedTensor newCodes;
    private final CopiedTensor newScales;
    private final Optional<CopiedTensor> newZeros;
    private final Tally tally = new Tally();

    Requantising(QuantisedConstant constant, Placement placement, ModelCopy copy) throws IOException {
        this.constant = constant;
        this.placement = placement;
        this.stored = QuantisedValues.of(constant);
        this.codes = stored.usedCodes();
        this.zerosMove = constant.freedom() == Freedom.SCALES_AND_ZEROS && !stored.isSymmetric();
        this.eitherSign = stored.hasNegativeScales();
        this.newCodes = copy.open(constant.codes());
        this.newScales = copy.open(constant.scales());
        this.newZeros = zerosMove ? Optional.of(copy.open(constant.zeros().orElseThrow())) : Optional.empty();
    }

    Rewritten run() {
        Tiling tiling = constant.tiling();
        int firstRow = placement.firstRow() / tiling.tileRows() * tiling.tileRows();
        int firstColumn = placement.firstColumn() / tiling.tileColumns() * tiling.tileColumns();
        for (int row = firstRow; row < placement.endRow(); row += tiling.tileRows()) {
            for (int column = firstColumn; column < placement.endColumn(); column += tiling.tileColumns()) {
                requantise(new Tile(row, column));
            }
        }
        long bytes = newCodes.changed()
                + newScales.changed()
                + newZeros.map(CopiedTensor::changed).orElse(0L);
        return new Rewritten(
                placement.weight().name(),
                constant.name(),
                placement.how((long) tiling.rows() * tiling.columns()) + ", " + constant.form(),
                bytes,
                Optional.of(tally.requantised(constant)));
    }

    private void requantise(Tile tile) {
        tally.tiles++;
        if (!tile.isEdited()) {
            return;
        }
        Grid before = stored.grid(tile.row, tile.column).within(codes);
        Grid after = tile.grid(before);
        boolean rescaled = !after.equals(before);
        if (rescaled) {
            tally.rescaled++;
            stored.format().put(newScales, constant.tiling().scale(tile.row, tile.column), after.scale());
            newZeros.ifPresent(zeros ->
                    constant.integers().put(zeros, constant.tiling().zero(tile.row, tile.column), after.zero()));
        }
        for (int row = tile.firstRow(); row < tile.endRow(); row++) {
            for (int column = tile.firstColumn(); column < tile.endColumn(); column++) {
                int index = placement.index(row, column);
                float asked = placement.weight().after()[index];
                float base = placement.weight().before()[index];
                int old = stored.code(row, column);
                int code = rescaled || asked != base ? after.code(asked) : old;
                constant.integers().put(newCodes, constant.tiling().code(row, column), code);
                tally.add(base, asked, before.value(old), after.value(code), after.reaches(asked));
            }
        }
    }

    /** The part of a tile that the weight fills; row and column are those of the tile's first element. */
    private final class Tile {
        private final int row;
        private final int column;

        Tile(int row, int column) {
            this.row = row;
            this.column = column;
        }

        int firstRow() {
            return Math.max(row, placement.firstRow());
        }

        int endRow() {
            return Math.min(row + constant.tiling().tileRows(), placement.endRow());
        }

        int firstColumn() {
            return Math.max(column, placement.firstColumn());
        }

        int endColumn() {
            return Math.min(column + constant.tiling().tileColumns(), placement.endColumn());
        }

        private boolean isWhole() {
            Tiling tiling = constant.tiling();
            return firstRow() == row
                    && firstColumn() == column
                    && endRow() == Math.min(row + tiling.tileRows(), tiling.rows())
                    && endColumn() == Math.min(column + tiling.tileColumns(), tiling.columns());
        }

        boolean isEdited() {
            for (int r = firstRow(); r < endRow(); r++) {
                for (int c = firstColumn(); c < endColumn(); c++) {
                    int index = placement.index(r, c);
                    if (placement.weight().before()[index] != placement.weight().after()[index]) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** The grid that the edited numbers get. */
        Grid grid(Grid before) {
            Span numbers = span(placement.weight().after());
            boolean free = constant.freedom() != Freedom.CODES && isWhole();
            if (!free || before.fits(numbers, span(placement.weight().before()))) {
                return before;
            }
            return zerosMove
                    ? before.spanning(numbers, stored.format())
                    : before.widened(numbers, stored.format(), eitherSign);
        }

        private Span span(float[] values) {
            float lowest = Float.POSITIVE_INFINITY;
            float highest = Float.NEGATIVE_INFINITY;
            for (int r = firstRow(); r < endRow(); r++) {
                for (int c = firstColumn(); c < endColumn(); c++) {
                    float value = values[placement.index(r, c)];
                    lowest = Math.min(lowest, value);
                    highest = Math.max(highest, value);
                }
            }
            return new Span(lowest, highest);
        }
    }

    /** What is counted over the numbers of a weight. */
    private static final class Tally {
        private int tiles;
        private int rescaled;
        private long changed;
        private long cutOff;
        private double lost;
        private double asked;

        void add(float base, float patched, float before, float after, boolean reached) {
            double edit = (double) patched - base;
            double kept = (double) after - before;
            changed += after != before ? 1 : 0;
            cutOff += edit != 0 && !reached ? 1 : 0;
            lost += (kept - edit) * (kept - edit);
            asked += edit * edit;
        }

        Requantised requantised(QuantisedConstant constant) {
            return new Requantised(
                    constant.operator(),
                    constant.integers().bits(),
                    tiles,
                    rescaled,
                    changed,
                    cutOff,
                    asked > 0 ? Math.sqrt(lost / asked) : 0);
        }
    }
}

package modelpatch.export.foreign;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A matrix that an ONNX model holds as integers of 4 or 8 bits, with a scale and perhaps a zero point for each tile. It holds a weight that lies
 * within half a step of it everywhere (see {@link Grid#holds}).
 *
 * @param operator that turns them into numbers or multiplies with them
 * @param scales one for each tile
 * @param zeros empty where the operator has a zero point of its own
 * @param freedom what may change beside the integers
 */
record QuantisedConstant(
        String operator,
        StoredTensor codes,
        PackedIntegers integers,
        Tiling tiling,
        StoredTensor scales,
        Optional<StoredTensor> zeros,
        int zeroElsewhere,
        Freedom freedom)
        implements WeightConstant {

    /** What belongs to one matrix alone, so that rewriting it changes nothing else. */
    enum Freedom {
        /** Others read its scales too, or a bias was quantised with them. */
        CODES,
        /** Others read its zero points too, or they cannot be rewritten where they lie, or there are none. */
        SCALES,
        SCALES_AND_ZEROS
    }

    QuantisedConstant with(Freedom other) {
        return new QuantisedConstant(operator, codes, integers, tiling, scales, zeros, zeroElsewhere, other);
    }

    @Override
    public String name() {
        return codes.name();
    }

    @Override
    public String form() {
        String tile = tiling.tiles() == 1 ? "one scale" : tiling.tiles() + " scales";
        return "int" + integers.bits() + " with " + tile + ", " + operator;
    }

    @Override
    public Optional<Placement> find(EditedWeight weight) throws IOException {
        List<Placement> candidates =
                Placement.of(weight, tiling.rows(), tiling.columns()).toList();
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        QuantisedValues values = QuantisedValues.of(this);
        return candidates.stream().filter(values::hold).findFirst();
    }

    @Override
    public Rewritten rewrite(Placement placement, ModelCopy copy) throws IOException {
        return new Requantising(this, placement, copy).run();
    }
}

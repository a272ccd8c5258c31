package modelpatch.export.foreign;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** A matrix of floating-point numbers; it holds a weight whose numbers, rounded, are its own bit for bit. */
record FloatConstant(StoredTensor tensor, FloatFormat format) implements WeightConstant {
    static List<FloatConstant> of(List<StoredTensor> tensors) {
        return tensors.stream()
                .filter(tensor -> tensor.isMatrix() && tensor.isRewritable())
                .flatMap(tensor -> FloatFormat.of(tensor.type())
                        .filter(format -> tensor.isWhole(format.width()))
                        .map(format -> new FloatConstant(tensor, format))
                        .stream())
                .toList();
    }

    @Override
    public String name() {
        return tensor.name();
    }

    @Override
    public String form() {
        return tensor.type().toString();
    }

    @Override
    public Optional<Placement> find(EditedWeight weight) throws IOException {
        List<Placement> candidates =
                Placement.of(weight, tensor.rows(), tensor.columns()).toList();
        if (candidates.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer stored = tensor.bytes();
        return candidates.stream().filter(placement -> holds(placement, stored)).findFirst();
    }

    private boolean holds(Placement placement, ByteBuffer stored) {
        for (int row = placement.firstRow(); row < placement.endRow(); row++) {
            for (int column = placement.firstColumn(); column < placement.endColumn(); column++) {
                float value = placement.weight().before()[placement.index(row, column)];
                if (!format.isAt(stored, row * tensor.columns() + column, value)) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public Rewritten rewrite(Placement placement, ModelCopy copy) throws IOException {
        CopiedTensor target = copy.open(tensor);
        for (int row = placement.firstRow(); row < placement.endRow(); row++) {
            for (int column = placement.firstColumn(); column < placement.endColumn(); column++) {
                float value = placement.weight().after()[placement.index(row, column)];
                format.put(target, row * tensor.columns() + column, value);
            }
        }
        return new Rewritten(
                placement.weight().name(),
                name(),
                placement.how(tensor.elements()),
                target.changed(),
                Optional.empty());
    }
}

package modelpatch.export;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.Linear;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;
import modelpatch.solve.Columns;

/**
 * A change B A of a linear layer x -> W x.
 *
 * @param a [rank, dIn] row-major
 * @param b [dOut, rank] row-major
 */
record LowRankFactors(int dOut, int dIn, int rank, float[] a, float[] b) {

    /**
     * What a stack changes, by the name of the weight.
     *
     * @throws BadInput when it changes something else than a linear layer
     */
    static Map<String, LowRankFactors> of(PatchStack stack, DecoderLayout layout) {
        Map<String, LowRankFactors> factors = new TreeMap<>();
        for (String tensor : stack.tensors()) {
            List<TensorDelta> deltas = stack.deltas(tensor);
            int rank = deltas.stream().mapToInt(TensorDelta::rank).sum();
            factors.put(tensor, of(deltas, linear(layout, tensor).transposed(), rank));
        }
        return factors;
    }

    /** The linear layer that a weight belongs to. */
    static Linear linear(DecoderLayout layout, String tensor) {
        return layout.linears().stream()
                .filter(linear -> linear.weight().equals(tensor))
                .findFirst()
                .orElseThrow(() -> new BadInput(
                        "patch is no LoRA",
                        tensor,
                        "changes of linear layers only",
                        "a change of another tensor",
                        "export the patched weights themselves"));
    }

    /**
     * The sum of some changes of one stored tensor, with components of zeros up to a rank. The factors are those of the changes, number for number.
     *
     * @param transposed whether the tensor is stored as [dIn, dOut]
     */
    static LowRankFactors of(List<TensorDelta> deltas, boolean transposed, int rank) {
        int rows = deltas.get(0).rows();
        int width = deltas.get(0).columns().width();
        int dOut = transposed ? width : rows;
        int dIn = transposed ? rows : width;
        float[] a = new float[rank * dIn];
        float[] b = new float[dOut * rank];
        int component = 0;
        for (TensorDelta delta : deltas) {
            float[] left = delta.left();
            float[] right = delta.right();
            Columns columns = delta.columns();
            for (int k = 0; k < delta.rank(); k++, component++) {
                for (int row = 0; row < rows; row++) {
                    float value = left[row * delta.rank() + k];
                    if (transposed) {
                        a[component * dIn + row] = value;
                    } else {
                        b[row * rank + component] = value;
                    }
                }
                for (int c = 0; c < columns.count(); c++) {
                    float value = right[k * columns.count() + c];
                    if (transposed) {
                        b[columns.index(c) * rank + component] = value;
                    } else {
                        a[component * dIn + columns.index(c)] = value;
                    }
                }
            }
        }
        return new LowRankFactors(dOut, dIn, rank, a, b);
    }

    /** The change of the stored tensor, without components of zeros; null where nothing is left. */
    TensorDelta delta(String tensor, boolean transposed) {
        int[] live = IntStream.range(0, rank).filter(this::changesSomething).toArray();
        if (live.length == 0) {
            return null;
        }
        float[] keys = new float[live.length * dIn];
        float[] values = new float[live.length * dOut];
        for (int k = 0; k < live.length; k++) {
            for (int i = 0; i < dIn; i++) {
                keys[transposed ? i * live.length + k : k * dIn + i] = a[live[k] * dIn + i];
            }
            for (int i = 0; i < dOut; i++) {
                values[transposed ? k * dOut + i : i * live.length + k] = b[i * rank + live[k]];
            }
        }
        return new TensorDelta(
                tensor,
                transposed ? dIn : dOut,
                Columns.all(transposed ? dOut : dIn),
                live.length,
                transposed ? Orientation.IN_OUT : Orientation.OUT_IN,
                transposed ? keys : values,
                transposed ? values : keys);
    }

    private boolean changesSomething(int component) {
        boolean reads = false;
        for (int i = 0; i < dIn; i++) {
            reads |= a[component * dIn + i] != 0;
        }
        boolean writes = false;
        for (int i = 0; i < dOut; i++) {
            writes |= b[i * rank + component] != 0;
        }
        return reads && writes;
    }
}

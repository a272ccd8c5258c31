package modelpatch.export;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import modelpatch.architecture.Attention;
import modelpatch.architecture.Linear;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.model.ConformanceFamilies;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchStack;
import modelpatch.patch.SmallModel;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;
import modelpatch.solve.Columns;

/** A model with a random patch on W_O of its first block and the MLP's second matrix of its last, where there is one, in the engine. */
public record Patched(LanguageModel base, PatchStack stack, LanguageModel model) implements AutoCloseable {
    public static Path conformance(String family) {
        return ConformanceFamilies.path(family);
    }

    public static Patched open(Path path) {
        LanguageModel base = LanguageModel.open(path, LoadOptions.defaults());
        Random random = new Random(7);
        List<TensorDelta> deltas = new ArrayList<>(List.of(delta(base, base.outputName(0), 2, random)));
        Optional<Linear> down =
                base.layout().blocks().get(base.config().nLayers() - 1).mlp().output();
        down.ifPresent(linear -> deltas.add(delta(base, linear.weight(), 1, random)));
        return of(base, deltas);
    }

    /** A model with random patches of rank 2 on all that a block's attention multiplies with. */
    static Patched attention(Path path, int layer) {
        LanguageModel base = LanguageModel.open(path, LoadOptions.defaults());
        Random random = new Random(9);
        Attention attention = base.layout().blocks().get(layer).attention();
        List<TensorDelta> deltas = Stream.concat(
                        attention.projection().linears().stream(), Stream.of(attention.output()))
                .map(linear -> delta(base, linear.weight(), 2, random))
                .toList();
        return of(base, deltas);
    }

    private static Patched of(LanguageModel base, List<TensorDelta> deltas) {
        Checkpoint checkpoint = base.checkpoint();
        WeightPatch patch = WeightPatch.of(checkpoint, PatchStack.empty(), deltas, SmallModel.provenance("export"));
        PatchStack stack = PatchStack.of(List.of(patch));
        return new Patched(base, stack, base.with(stack.weights(checkpoint)));
    }

    private static TensorDelta delta(LanguageModel model, String tensor, int rank, Random random) {
        List<Long> shape = model.checkpoint().tensor(tensor).shape();
        int rows = shape.get(0).intValue();
        int width = shape.get(1).intValue();
        return new TensorDelta(
                tensor,
                rows,
                Columns.all(width),
                rank,
                model.storesTransposed() ? Orientation.IN_OUT : Orientation.OUT_IN,
                small(rows * rank, random),
                small(rank * width, random));
    }

    private static float[] small(int count, Random random) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * 0.1f;
        }
        return values;
    }

    public Checkpoint checkpoint() {
        return base.checkpoint();
    }

    public Map<String, float[]> weights() {
        return stack.weights(checkpoint());
    }

    /** Random ids, some sequences longer than any sliding window of the conformance models. */
    public List<int[]> prompts() {
        Random random = new Random(3);
        List<int[]> prompts = new ArrayList<>();
        for (int length : new int[] {7, 2, 24, 13}) {
            prompts.add(IntStream.generate(() -> random.nextInt(base.config().dVocab()))
                    .limit(length)
                    .toArray());
        }
        return prompts;
    }

    @Override
    public void close() {
        model.close();
        base.close();
    }
}

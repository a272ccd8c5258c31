package modelpatch.model;

import java.util.List;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * Sequences on their way through all blocks. A view begins at the first block that it changes: up to there it is the model that it was made of,
 * which keeps how far it brought them ({@link KeptBeginnings}).
 */
final class WholePass {
    private final LanguageModel model;
    private final List<int[]> sequences;
    private final Prefixes prefixes;
    private final int from;
    /** By sequence, before block {@code from}; null at the bottom. */
    private final float[][] before;

    WholePass(LanguageModel model, int[] prefix, List<int[]> sequences) {
        this.model = model;
        this.sequences = sequences;
        this.prefixes = Prefixes.of(model, prefix, sequences, 0);
        this.from = model.unchanged().map(Unchanged::blocks).orElse(0);
        this.before = from == 0
                ? null
                : model.unchanged().orElseThrow().root().beginnings().before(from, prefix, sequences);
    }

    /** Some of the sequences, in an order of their lengths, as one batch. */
    Ragged batch(List<Integer> chunk) {
        return new Ragged(sequences, chunk, prefixes::before);
    }

    /** The residual stream after the last block, [rows of the batch, d_model]; lives in the innermost scope. */
    Tensor run(Ragged batch, List<Integer> chunk) {
        if (before == null) {
            return model.pass(batch.ids(), batch.groups(), Hooks.NONE);
        }
        int width = model.config().dModel();
        float[] rows = new float[batch.ids().length * width];
        for (int i : chunk) {
            System.arraycopy(before[i], 0, rows, batch.firstRow(i) * width, before[i].length);
        }
        Tensor x = Engine.floats(rows, batch.ids().length, width);
        return model.decoder().blocks(x, batch.groups(), from, model.config().nLayers(), Hooks.NONE);
    }
}

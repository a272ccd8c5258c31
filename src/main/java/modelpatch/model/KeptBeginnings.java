package modelpatch.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * How far a model's lower blocks bring sequences: the residual stream before a block. Views that change nothing below it take it from here, so
 * that many of them, asked the same questions, run what they have in common once.
 */
final class KeptBeginnings {
    private static final long MOST = 192L << 20;

    private final LanguageModel model;
    private final Remembered<Beginning, float[]> kept =
            new Remembered<>(MOST, rows -> (long) Float.BYTES * rows.length);

    KeptBeginnings(LanguageModel model) {
        this.model = model;
    }

    private record Beginning(int layer, List<Integer> prefix, List<Integer> ids) {}

    /** The residual stream before a block, by sequence [length * d_model]; not copies. */
    synchronized float[][] before(int layer, int[] prefix, List<int[]> sequences) {
        List<Integer> first = TokenIds.boxed(prefix);
        List<Beginning> names = sequences.stream()
                .map(ids -> new Beginning(layer, first, TokenIds.boxed(ids)))
                .toList();
        float[][] rows = new float[sequences.size()][];
        List<Integer> open = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            rows[i] = kept.get(names.get(i)).orElse(null);
            if (rows[i] == null) {
                open.add(i);
            }
        }
        float[][] found = run(layer, prefix, open.stream().map(sequences::get).toList());
        for (int i = 0; i < found.length; i++) {
            rows[open.get(i)] = found[i];
            kept.put(names.get(open.get(i)), found[i]);
        }
        return rows;
    }

    private float[][] run(int layer, int[] prefix, List<int[]> sequences) {
        float[][] found = new float[sequences.size()][];
        int width = model.config().dModel();
        Prefixes shared = Prefixes.of(model, prefix, sequences, 0);
        List<Runnable> pieces = new ArrayList<>();
        for (List<Integer> chunk : Batches.of(sequences, model.config())) {
            pieces.add(() -> {
                try (Engine.Scope scope = Engine.scope()) {
                    Ragged batch = new Ragged(sequences, chunk, shared::before);
                    Decoder decoder = model.decoder();
                    Tensor x = decoder.embed(batch.ids(), batch.groups());
                    float[] all = decoder.blocks(x, batch.groups(), 0, layer, Hooks.NONE)
                            .toFloats();
                    for (int i : chunk) {
                        int from = batch.firstRow(i) * width;
                        found[i] = Arrays.copyOfRange(all, from, from + sequences.get(i).length * width);
                    }
                }
            });
        }
        Engine.sideBySide(pieces);
        return found;
    }
}

package modelpatch.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/** Runs sequences side by side and parts what they leave behind into one {@link RecordedRun} for each. */
final class Recording {
    private static final Set<Site.Kind> KEPT =
            Set.of(Site.Kind.Z, Site.Kind.ATTENTION_OUT, Site.Kind.MLP_OUT, Site.Kind.RESIDUAL_POST);

    private final LanguageModel model;
    private final Prefix prefix;
    private final int layers;

    Recording(LanguageModel model, Prefix prefix) {
        this.model = model;
        this.prefix = prefix;
        this.layers = model.config().nLayers();
    }

    List<RecordedRun> of(List<int[]> prompts) {
        Parts[] parts = new Parts[prompts.size()];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new Parts(layers);
        }
        List<Runnable> pieces = new ArrayList<>();
        for (List<Integer> batch : Batches.of(prompts, model.config())) {
            pieces.add(() -> run(prompts, batch, parts));
        }
        Engine.sideBySide(pieces);
        List<RecordedRun> runs = new ArrayList<>();
        for (int i = 0; i < parts.length; i++) {
            runs.add(new RecordedRun(model, prefix.length(), prompts.get(i).length, parts[i]));
        }
        return runs;
    }

    /** @param order the prompts of this batch, in an order of their lengths */
    private void run(List<int[]> prompts, List<Integer> order, Parts[] parts) {
        try (Engine.Scope scope = Engine.scope()) {
            Ragged batch = new Ragged(prompts, order, prefix, layers);
            Hooks hooks = (kind, layer, rows) -> {
                if (kind == Site.Kind.RESIDUAL_PRE) {
                    for (int prompt : order) {
                        Tensor own = rows.narrow(0, batch.firstRow(prompt), prompts.get(prompt).length);
                        parts[prompt].pre[layer] = Engine.run("clone", own).ownedBy(parts[prompt].owner);
                    }
                } else if (KEPT.contains(kind)) {
                    float[][] all = rows.toRows();
                    for (int prompt : order) {
                        int first = batch.firstRow(prompt);
                        parts[prompt].activations.get(kind)[layer] =
                                Arrays.copyOfRange(all, first, first + prompts.get(prompt).length);
                    }
                }
                return rows;
            };
            Decoder decoder = model.decoder();
            Tensor x = decoder.blocks(decoder.embed(batch.ids(), batch.groups()), batch.groups(), 0, layers, hooks);
            for (int prompt : order) {
                Tensor last = x.rows(batch.firstRow(prompt) + prompts.get(prompt).length - 1);
                parts[prompt].logits = decoder.unembed(last).toFloats();
            }
            keysAndValues(batch.groups(), order, parts);
        }
    }

    /** Joins the prefix's keys and values with each sequence's own, so that a resumed run takes the part before its position as one. */
    private void keysAndValues(List<Group> groups, List<Integer> order, Parts[] parts) {
        int next = 0;
        for (Group group : groups) {
            for (int i = 0; i < group.count(); i++) {
                Parts own = parts[order.get(next++)];
                for (int layer = 0; layer < layers; layer++) {
                    own.keys[layer] =
                            joined(prefix.keys(layer), group.keys(layer), i).ownedBy(own.owner);
                    own.values[layer] =
                            joined(prefix.values(layer), group.values(layer), i).ownedBy(own.owner);
                }
            }
        }
    }

    /** [heads, P, D] before [count, T, heads, D] at one index: [heads, P + T, D]. */
    private static Tensor joined(Tensor shared, Tensor own, int index) {
        return Tensor.concatenate(1, shared, own.select(0, index).permute(1, 0, 2));
    }

    /** What one sequence leaves behind. */
    static final class Parts {
        final Engine.Owner owner = Engine.owner();
        final Tensor[] pre;
        final Tensor[] keys;
        final Tensor[] values;
        final Map<Site.Kind, float[][][]> activations = new EnumMap<>(Site.Kind.class);
        float[] logits;

        Parts(int layers) {
            pre = new Tensor[layers];
            keys = new Tensor[layers];
            values = new Tensor[layers];
            KEPT.forEach(kind -> activations.put(kind, new float[layers][][]));
        }
    }
}

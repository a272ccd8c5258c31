package modelpatch.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import modelpatch.engine.Engine;
import modelpatch.engine.Tensor;

/**
 * One run with everything kept that it takes to go on from any block and position, so that many interventions, each alone, cost a few
 * full runs instead of one run each ({@link LanguageModel#resume}). Owns native memory.
 */
public final class RecordedRun implements AutoCloseable {
    private static final Set<Site.Kind> KEPT =
            Set.of(Site.Kind.Z, Site.Kind.ATTENTION_OUT, Site.Kind.MLP_OUT, Site.Kind.RESIDUAL_POST);

    private final LanguageModel model;
    private final int prefixLength;
    private final int length;
    private final Engine.Owner owner = Engine.owner();
    /** By layer: the residual stream before the block, [length, d_model]. */
    private final Tensor[] before;
    /** By layer, [n_key_value_heads, prefix length + length, d_head]. */
    private final Tensor[] keys;

    private final Tensor[] values;
    /** By kind, [layer][position][columns]. */
    private final Map<Site.Kind, float[][][]> activations = new EnumMap<>(Site.Kind.class);

    private float[] logits;

    private RecordedRun(LanguageModel model, int prefixLength, int length) {
        int layers = model.config().nLayers();
        this.model = model;
        this.prefixLength = prefixLength;
        this.length = length;
        this.before = new Tensor[layers];
        this.keys = new Tensor[layers];
        this.values = new Tensor[layers];
        KEPT.forEach(kind -> activations.put(kind, new float[layers][][]));
    }

    /** Runs prompts side by side and gives each its own part of what they leave behind. */
    static List<RecordedRun> of(LanguageModel model, int prefixLength, Prefixes prefixes, List<int[]> prompts) {
        List<RecordedRun> runs = prompts.stream()
                .map(prompt -> new RecordedRun(model, prefixLength, prompt.length))
                .toList();
        List<Runnable> pieces = new ArrayList<>();
        for (List<Integer> batch : Batches.of(prompts, model.config())) {
            pieces.add(() -> record(model, prefixes, prompts, batch, runs));
        }
        try {
            Engine.sideBySide(pieces);
        } catch (RuntimeException | Error e) {
            runs.forEach(RecordedRun::close);
            throw e;
        }
        return runs;
    }

    /** @param order the prompts of this batch, in an order of their lengths */
    private static void record(
            LanguageModel model, Prefixes prefixes, List<int[]> prompts, List<Integer> order, List<RecordedRun> runs) {
        int layers = model.config().nLayers();
        try (Engine.Scope scope = Engine.scope()) {
            Ragged batch = new Ragged(prompts, order, prefixes::before, layers);
            Hooks hooks = (kind, layer, rows) -> {
                if (kind == Site.Kind.RESIDUAL_PRE) {
                    for (int prompt : order) {
                        RecordedRun run = runs.get(prompt);
                        Tensor own = rows.narrow(0, batch.firstRow(prompt), run.length);
                        run.before[layer] = Engine.run("clone", own).ownedBy(run.owner);
                    }
                } else if (KEPT.contains(kind)) {
                    float[][] all = rows.toRows();
                    for (int prompt : order) {
                        RecordedRun run = runs.get(prompt);
                        int first = batch.firstRow(prompt);
                        run.activations.get(kind)[layer] = Arrays.copyOfRange(all, first, first + run.length);
                    }
                }
                return rows;
            };
            Decoder decoder = model.decoder();
            Tensor x = decoder.blocks(decoder.embed(batch.ids(), batch.groups()), batch.groups(), 0, layers, hooks);
            for (int prompt : order) {
                RecordedRun run = runs.get(prompt);
                run.logits = decoder.unembed(x.rows(batch.firstRow(prompt) + run.length - 1))
                        .toFloats();
            }
            int next = 0;
            for (Group group : batch.groups()) {
                for (int i = 0; i < group.count(); i++) {
                    runs.get(order.get(next++)).keepKeysAndValues(group, i);
                }
            }
        }
    }

    /** Joins the prefix's keys and values with the sequence's own, so that a resumed run takes the part before its position as one. */
    private void keepKeysAndValues(Group group, int index) {
        Prefix prefix = group.prefix();
        for (int layer = 0; layer < keys.length; layer++) {
            keys[layer] = joined(prefix.keys(layer), group.keys(layer), index).ownedBy(owner);
            values[layer] =
                    joined(prefix.values(layer), group.values(layer), index).ownedBy(owner);
        }
    }

    /** [heads, P, D] before [count, T, heads, D] at one index: [heads, P + T, D]. */
    private static Tensor joined(Tensor shared, Tensor own, int index) {
        return Tensor.concatenate(1, shared, own.select(0, index).permute(1, 0, 2));
    }

    /** Number of the sequence's own tokens. */
    public int length() {
        return length;
    }

    /** Logits after the last token, [d_vocab]; not a copy. */
    public float[] logits() {
        return logits;
    }

    /** One head's z at a position, [d_head], copied. */
    public float[] z(HeadAddress head, int position) {
        int d = model.config().dHead();
        float[] row = at(new Site(Site.Kind.Z, head.layer()), position);
        return Arrays.copyOfRange(row, head.head() * d, (head.head() + 1) * d);
    }

    /** A whole activation at a position; not a copy. Kinds Z, ATTENTION_OUT, MLP_OUT and RESIDUAL_POST are kept. */
    public float[] at(Site site, int position) {
        float[][][] kept = activations.get(site.kind());
        if (kept == null) {
            throw new IllegalArgumentException("a recorded run does not keep " + site);
        }
        return kept[site.layer()][position];
    }

    /** What the run as it was says about tokens. */
    public Readout readout(int[] tokens) {
        model.requireIds(tokens);
        double[] chosen = IntStream.of(tokens).mapToDouble(t -> logits[t]).toArray();
        return new Readout(chosen, NextToken.logSumExp(logits), logits[NextToken.argmax(logits)]);
    }

    /** As {@link LanguageModel#resume}, for this run alone; by set. */
    public List<Readout> resume(int position, List<List<Intervention>> sets, int[] tokens, boolean whole) {
        return model.resume(List.of(new WhatIf(this, position, sets, tokens)), whole)
                .get(0);
    }

    /** The residual stream before a block from a position on, [length - position, d_model]; lives in the innermost scope. */
    Tensor before(int layer, int position) {
        return before[layer].narrow(0, position, length - position);
    }

    /** Keys and values of all layers from one on up to a position, as a prefix that lives in the innermost scope. */
    Prefix behind(int position, int firstLayer) {
        Tensor[] someKeys = new Tensor[keys.length];
        Tensor[] someValues = new Tensor[values.length];
        for (int layer = firstLayer; layer < keys.length; layer++) {
            someKeys[layer] = keys[layer].narrow(1, 0, prefixLength + (long) position);
            someValues[layer] = values[layer].narrow(1, 0, prefixLength + (long) position);
        }
        return new Prefix(prefixLength + position, someKeys, someValues, null);
    }

    /** Keys and values of one layer up to a position, as a prefix that lives in the innermost scope. */
    Prefix upTo(int position, int layer) {
        Tensor[] someKeys = new Tensor[layer + 1];
        Tensor[] someValues = new Tensor[layer + 1];
        someKeys[layer] = keys[layer].narrow(1, 0, prefixLength + (long) position);
        someValues[layer] = values[layer].narrow(1, 0, prefixLength + (long) position);
        return new Prefix(prefixLength + position, someKeys, someValues, null);
    }

    @Override
    public void close() {
        owner.close();
    }
}

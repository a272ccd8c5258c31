package modelpatch.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One run with everything kept that it takes to go on from any block and position, so that many interventions, each alone, cost a few
 * full runs instead of one run each. A change at position p leaves every earlier position and every lower block as it was: each
 * intervention becomes a row block of the positions p to the end that joins the batch at its first layer. Owns native memory.
 */
public final class RecordedRun implements AutoCloseable {
    /** Rows per resumed batch: bounds memory, about 60 MB of logits at a vocabulary of 50,000. */
    private static final int MOST_ROWS = 300;

    private final LanguageModel model;
    private final Prefix prefix;
    private final int length;
    private final Tensor[] pre;
    private final Group kept;
    private final float[][][] z;
    private final float[][][] attentionOut;
    private final float[][][] mlpOut;
    private final float[][][] post;
    private final float[] logits;
    private final Engine.Owner owner;

    RecordedRun(LanguageModel model, Prefix prefix, int[] ids) {
        int layers = model.config().nLayers();
        this.model = model;
        this.prefix = prefix.hold();
        this.length = ids.length;
        this.pre = new Tensor[layers];
        this.z = new float[layers][][];
        this.attentionOut = new float[layers][][];
        this.mlpOut = new float[layers][][];
        this.post = new float[layers][][];
        this.owner = Engine.owner();
        Decoder decoder = model.decoder();
        try (Engine.Scope scope = Engine.scope()) {
            kept = Group.keeping(prefix, 1, length, layers);
            List<Group> groups = List.of(kept);
            Tensor last = decoder.blocks(decoder.embed(ids, groups), groups, 0, layers, this::keep);
            logits = decoder.unembed(last.rows(length - 1)).toFloats();
            for (int layer = 0; layer < layers; layer++) {
                kept.keys(layer).ownedBy(owner);
                kept.values(layer).ownedBy(owner);
            }
        }
    }

    private Tensor keep(Site.Kind kind, int layer, Tensor rows) {
        switch (kind) {
            case RESIDUAL_PRE -> pre[layer] = Engine.run("clone", rows).ownedBy(owner);
            case Z -> z[layer] = rows.toRows();
            case ATTENTION_OUT -> attentionOut[layer] = rows.toRows();
            case MLP_OUT -> mlpOut[layer] = rows.toRows();
            case RESIDUAL_POST -> post[layer] = rows.toRows();
            default -> {
                // the middle of the residual stream and the MLP's hidden units are not patched from a recorded run
            }
        }
        return rows;
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
        float[] row = z[head.layer()][position];
        return java.util.Arrays.copyOfRange(row, head.head() * d, (head.head() + 1) * d);
    }

    /** A whole activation at a position; not a copy. Kinds Z, ATTENTION_OUT, MLP_OUT and RESIDUAL_POST are kept. */
    public float[] at(Site site, int position) {
        return switch (site.kind()) {
            case Z -> z[site.layer()][position];
            case ATTENTION_OUT -> attentionOut[site.layer()][position];
            case MLP_OUT -> mlpOut[site.layer()][position];
            case RESIDUAL_POST -> post[site.layer()][position];
            default -> throw new IllegalArgumentException("a recorded run does not keep " + site);
        };
    }

    /** What the run as it was says about tokens. */
    public Readout readout(int[] tokens) {
        model.requireIds(tokens);
        double[] chosen = IntStream.of(tokens).mapToDouble(t -> logits[t]).toArray();
        return new Readout(chosen, NextToken.logSumExp(logits));
    }

    /**
     * What the run would have said, had one set of interventions been made at a position; each set alone, all resumed together.
     *
     * @param position the position that every intervention names
     * @param sets interventions made together; a set's layers may differ
     * @param tokens whose logits are wanted
     * @param whole whether the whole vocabulary is computed, for probabilities; logits alone are cheaper
     * @return by set
     */
    public List<Readout> resume(int position, List<List<Intervention>> sets, int[] tokens, boolean whole) {
        if (position < 0 || position >= length) {
            throw new IllegalArgumentException("position " + position + " of " + length);
        }
        Integer[] order = IntStream.range(0, sets.size()).boxed().toArray(Integer[]::new);
        java.util.Arrays.sort(order, Comparator.comparingInt(i -> firstLayer(sets.get(i))));
        int most = Math.max(1, MOST_ROWS / (length - position));
        Readout[] readouts = new Readout[sets.size()];
        for (int from = 0; from < order.length; from += most) {
            int to = Math.min(order.length, from + most);
            List<List<Intervention>> batch = new ArrayList<>();
            for (int i = from; i < to; i++) {
                batch.add(sets.get(order[i]));
            }
            List<Readout> part = resumeBatch(position, batch, tokens, whole);
            for (int i = from; i < to; i++) {
                readouts[order[i]] = part.get(i - from);
            }
        }
        return List.of(readouts);
    }

    private static int firstLayer(List<Intervention> set) {
        return set.stream().mapToInt(change -> change.site().layer()).min().orElseThrow();
    }

    private List<Readout> resumeBatch(int position, List<List<Intervention>> sets, int[] tokens, boolean whole) {
        int layers = model.config().nLayers();
        int block = length - position;
        Rows changes = new Rows();
        for (int i = 0; i < sets.size(); i++) {
            for (Intervention change : sets.get(i)) {
                if (change.position() != position) {
                    throw new IllegalArgumentException("an intervention at " + change.position() + ", not " + position);
                }
                changes.add(i * block, change);
            }
        }
        Decoder decoder = model.decoder();
        try (Engine.Scope scope = Engine.scope()) {
            Tensor x = null;
            int entered = 0;
            for (int layer = 0; layer < layers; layer++) {
                int entering = entered;
                while (entering < sets.size() && firstLayer(sets.get(entering)) == layer) {
                    entering++;
                }
                try (Engine.Scope inner = Engine.scope()) {
                    Tensor rows = x;
                    if (entering > entered) {
                        Tensor fresh = Engine.run(
                                "repeat", pre[layer].narrow(0, position, block), (long) (entering - entered));
                        rows = x == null ? fresh : Tensor.concatenate(0, x, fresh);
                        entered = entering;
                    }
                    if (entered > 0) {
                        List<Group> groups = List.of(Group.of(upTo(position, layer), entered, block));
                        x = inner.keep(decoder.blocks(rows, groups, layer, layer + 1, changes::apply));
                    }
                }
            }
            int[] last = IntStream.range(0, sets.size())
                    .map(i -> i * block + block - 1)
                    .toArray();
            return model.readouts(x.rows(last), tokens, whole);
        }
    }

    /** Keys and values of one layer up to a position, as a prefix that lives in the innermost scope. */
    private Prefix upTo(int position, int layer) {
        Tensor[] keys = new Tensor[layer + 1];
        Tensor[] values = new Tensor[layer + 1];
        keys[layer] = joined(prefix.keys(layer), kept.keys(layer), position);
        values[layer] = joined(prefix.values(layer), kept.values(layer), position);
        return new Prefix(prefix.length() + position, keys, values, null);
    }

    private static Tensor joined(Tensor shared, Tensor own, int position) {
        Tensor before = own.select(0, 0).narrow(0, 0, position).permute(1, 0, 2);
        return Tensor.concatenate(1, shared, before);
    }

    @Override
    public void close() {
        prefix.release();
        owner.close();
    }
}

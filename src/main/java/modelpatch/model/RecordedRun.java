package modelpatch.model;

import java.util.List;
import java.util.stream.IntStream;
import modelpatch.engine.Tensor;

/**
 * One run with everything kept that it takes to go on from any block and position, so that many interventions, each alone, cost a few
 * full runs instead of one run each ({@link LanguageModel#resume}). Owns native memory.
 */
public final class RecordedRun implements AutoCloseable {
    private final LanguageModel model;
    private final int prefixLength;
    private final int length;
    private final Recording.Parts parts;

    RecordedRun(LanguageModel model, int prefixLength, int length, Recording.Parts parts) {
        this.model = model;
        this.prefixLength = prefixLength;
        this.length = length;
        this.parts = parts;
    }

    /** Number of the sequence's own tokens. */
    public int length() {
        return length;
    }

    /** Logits after the last token, [d_vocab]; not a copy. */
    public float[] logits() {
        return parts.logits;
    }

    /** One head's z at a position, [d_head], copied. */
    public float[] z(HeadAddress head, int position) {
        int d = model.config().dHead();
        float[] row = at(new Site(Site.Kind.Z, head.layer()), position);
        return java.util.Arrays.copyOfRange(row, head.head() * d, (head.head() + 1) * d);
    }

    /** A whole activation at a position; not a copy. Kinds Z, ATTENTION_OUT, MLP_OUT and RESIDUAL_POST are kept. */
    public float[] at(Site site, int position) {
        float[][][] kept = parts.activations.get(site.kind());
        if (kept == null) {
            throw new IllegalArgumentException("a recorded run does not keep " + site);
        }
        return kept[site.layer()][position];
    }

    /** What the run as it was says about tokens. */
    public Readout readout(int[] tokens) {
        model.requireIds(tokens);
        double[] chosen = IntStream.of(tokens).mapToDouble(t -> parts.logits[t]).toArray();
        return new Readout(chosen, NextToken.logSumExp(parts.logits));
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
        return model.resume(List.of(new Resumption(this, position, sets, tokens)), whole)
                .get(0);
    }

    /** The residual stream before a block from a position on, [length - position, d_model]; lives in the innermost scope. */
    Tensor before(int layer, int position) {
        return parts.pre[layer].narrow(0, position, length - position);
    }

    /** Keys and values of one layer up to a position, as a prefix that lives in the innermost scope. */
    Prefix upTo(int position, int layer) {
        Tensor[] keys = new Tensor[layer + 1];
        Tensor[] values = new Tensor[layer + 1];
        keys[layer] = parts.keys[layer].narrow(1, 0, prefixLength + (long) position);
        values[layer] = parts.values[layer].narrow(1, 0, prefixLength + (long) position);
        return new Prefix(prefixLength + position, keys, values, null);
    }

    @Override
    public void close() {
        parts.owner.close();
    }
}

package modelpatch.model;

import java.util.List;
import java.util.Map;

/** The activations that a run was asked to keep, and its logits at each sequence's last position. Holds plain arrays, no native memory. */
public final class ActivationCache {
    private final List<Map<Site, float[][]>> activations;
    private final float[][] logits;

    ActivationCache(List<Map<Site, float[][]>> activations, float[][] logits) {
        this.activations = activations;
        this.logits = logits;
    }

    /**
     * One activation.
     *
     * @param sequence index of the sequence in the run
     * @param position position in the sequence's own tokens
     * @return a row; not a copy
     */
    public float[] at(int sequence, Site site, int position) {
        return all(sequence, site)[position];
    }

    /** Activations of every position of a sequence, [position][columns]; not copies. */
    public float[][] all(int sequence, Site site) {
        float[][] rows = activations.get(sequence).get(site);
        if (rows == null) {
            throw new IllegalArgumentException("the run was not asked to keep " + site);
        }
        return rows;
    }

    /** Logits after the last token of a sequence, [d_vocab]; not a copy. */
    public float[] logits(int sequence) {
        return logits[sequence];
    }
}

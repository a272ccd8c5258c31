package modelpatch.guard;

import java.util.List;
import java.util.Optional;
import modelpatch.patch.PatchGeometry;

/**
 * How far a stack of patches has moved a model.
 *
 * @param verdict passed, failed where the whole stack is beyond a limit, or undecided where too little was asked
 * @param steps patch by patch, lowest first
 * @param passages how many texts were continued
 * @param changes texts that the whole stack continues otherwise
 * @param growth of every edited tensor
 * @param neighbours the facts around what was edited; empty where they were not asked
 * @param gates the limits on drift and on what is around the edit
 * @param plot the file that it was drawn in; empty for none
 */
public record DriftDocument(
        String verdict,
        List<Step> steps,
        int passages,
        List<TextChanges.Change> changes,
        List<TensorGrowth> growth,
        List<Neighbours.Row> neighbours,
        List<GateResult> gates,
        Optional<String> plot) {
    /**
     * One patch of the stack.
     *
     * @param alone the patch on the bare base
     * @param upTo all patches up to this one
     * @param textChanges passages that all patches up to this one continue otherwise
     * @param geometry size and effective rank of this patch's change, per tensor
     */
    public record Step(String patch, Drift alone, Drift upTo, int textChanges, List<PatchGeometry> geometry) {}

    public boolean passed() {
        return verdict.equals(GateResult.State.PASSED.key());
    }

    public boolean undecided() {
        return verdict.equals(GateResult.State.UNDECIDED.key());
    }

    /** The same, drawn in a file. */
    public DriftDocument plottedIn(String file) {
        return new DriftDocument(verdict, steps, passages, changes, growth, neighbours, gates, Optional.of(file));
    }
}

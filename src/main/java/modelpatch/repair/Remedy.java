package modelpatch.repair;

import java.util.List;
import java.util.Set;
import modelpatch.model.AnswerModel;
import modelpatch.model.LanguageModel;
import modelpatch.patch.PatchStack;
import modelpatch.patch.TensorDelta;

/**
 * What answers in place of a model, for as long as it is open: nothing beside it, a patch, or whatever else helps without being a permanent
 * edit. It is judged by its answers alone. The model itself is never changed, and closing the remedy leaves nothing behind.
 */
public interface Remedy extends AutoCloseable {
    /** What it is called in tables. */
    String name();

    /** Answers prompts; usable until the remedy is closed, and never the caller's to close. */
    AnswerModel answers();

    /** What it changes and what it takes beside the model. */
    Footprint footprint();

    @Override
    void close();

    /**
     * What was needed to set a remedy up. Time is measured by whoever sets it up.
     *
     * @param tensors the stored tensors that have other values while it is open
     * @param bytes of memory beside the model's own
     */
    record Footprint(Set<String> tensors, long bytes) {
        public Footprint {
            tensors = Set.copyOf(tensors);
        }
    }

    /** None: the model as it is. Closing it leaves the model open. */
    static Remedy none(AnswerModel model) {
        return new Untreated(model);
    }

    /**
     * Weight patches.
     *
     * @param base without any patch; stays the caller's
     * @param below patches that are on already
     * @param deltas changes on top of them
     */
    static Remedy patch(LanguageModel base, PatchStack below, List<TensorDelta> deltas) {
        return Patched.of(base, below, deltas);
    }
}

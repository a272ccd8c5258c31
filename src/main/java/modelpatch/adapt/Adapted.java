package modelpatch.adapt;

import java.util.Set;
import modelpatch.model.Adapter;
import modelpatch.model.LanguageModel;
import modelpatch.repair.Remedy;

/**
 * An adapter beside a model as a remedy. No stored tensor has another value while it is open, so closing it restores the model by construction.
 *
 * @param answers the model with the adapter beside it
 * @param footprint the factors; no tensor is changed
 */
public record Adapted(LanguageModel answers, Footprint footprint) implements Remedy {
    /**
     * Puts an adapter beside a model.
     *
     * @param base stays the caller's
     * @throws modelpatch.BadInput where the adapter is another model's
     */
    public static Adapted of(LanguageModel base, Adapter adapter) {
        return new Adapted(base.with(adapter), new Footprint(Set.of(), Float.BYTES * adapter.parameters()));
    }

    @Override
    public String name() {
        return "adapt";
    }

    @Override
    public void close() {
        answers.close();
    }
}

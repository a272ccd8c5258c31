package modelpatch.guide;

import java.util.Set;
import modelpatch.model.LanguageModel;
import modelpatch.repair.Remedy;

/**
 * A guider beside a target as a remedy. No weight is changed; all models stay the caller's.
 *
 * @param answers the guided target
 * @param footprint the guider's and its base's weights, as far as they are not the target's own
 */
public record Guided(GuidedModel answers, Footprint footprint) implements Remedy {
    /**
     * Sets a guider beside a target.
     *
     * @param mapsTokens whether vocabularies may differ; tokens are then mapped by how they are spelled
     * @param bytes that guider and base take beside the target
     * @throws modelpatch.BadInput where vocabularies differ
     */
    public static Guided of(
            LanguageModel target,
            LanguageModel guider,
            LanguageModel base,
            Strength strength,
            boolean mapsTokens,
            long bytes) {
        return new Guided(GuidedModel.of(target, guider, base, strength, mapsTokens), new Footprint(Set.of(), bytes));
    }

    @Override
    public String name() {
        return "guide";
    }

    @Override
    public void close() {}
}

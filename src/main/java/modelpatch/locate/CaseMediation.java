package modelpatch.locate;

import java.util.Optional;
import modelpatch.model.Readout;

/**
 * The mediation of one composition.
 *
 * @param id the case's id
 * @param bridge its bridge
 * @param contrast how the vocabulary spells the token that the answer is held against
 * @param contrastPredicted whether that is the model's own wrong answer; otherwise it is the likeliest token but for the answer's
 * @param before what the composition says, answer first, contrast second
 * @param guide put in from the guide prompt; empty for right cases, which have nothing to restore
 * @param wrongBridge the bridge of the control; empty where no other bridge fits
 * @param control put in from the guide prompt of that wrong bridge
 */
record CaseMediation(
        String id,
        String bridge,
        String contrast,
        boolean contrastPredicted,
        Readout before,
        Optional<DonorEffects> guide,
        Optional<String> wrongBridge,
        Optional<DonorEffects> control) {}

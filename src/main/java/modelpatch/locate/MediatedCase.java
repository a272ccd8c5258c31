package modelpatch.locate;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The prompts by which a case is mediated.
 *
 * @param id of the case
 * @param bridge its implicit result
 * @param phraseEnd whether to mediate at the end of the first hop's phrase too
 * @param recipient the composition, up to where its answer is read
 * @param said token that the model says there instead of the answer's; -1 where the composition is right, or says something else before
 * @param guide empty where the case is right and only the control acts on it
 * @param wrongBridge the bridge that the control names
 * @param control the guide of a wrong bridge; empty where none fits
 */
record MediatedCase(
        String id,
        String bridge,
        boolean phraseEnd,
        EntityReading recipient,
        int said,
        Optional<EntityReading> guide,
        Optional<String> wrongBridge,
        Optional<EntityReading> control) {
    /** The prompts that activations come from. */
    List<EntityReading> donors() {
        return Stream.concat(guide.stream(), control.stream()).toList();
    }

    Stream<EntityReading> all() {
        return Stream.concat(Stream.of(recipient), donors().stream());
    }
}

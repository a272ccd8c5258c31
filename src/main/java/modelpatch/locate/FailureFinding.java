package modelpatch.locate;

import java.util.List;

/**
 * One question of which the model knows every single fact and whose composition it gets wrong.
 *
 * @param id of the case
 * @param side of the suite, {@code choose} or {@code report}
 * @param prompt the composition
 * @param guide the same prompt with the bridge by name
 * @param subject the entity that the question names
 * @param bridge the implicit result
 * @param answer what would be right
 * @param predicted what the model says
 * @param diagnosis why
 * @param remedies what makes sense against it, best first
 * @param evidence what the diagnosis rests on
 */
public record FailureFinding(
        String id,
        String side,
        String prompt,
        String guide,
        String subject,
        String bridge,
        String answer,
        String predicted,
        Diagnosis diagnosis,
        List<String> remedies,
        Evidence evidence) {
    public FailureFinding {
        remedies = List.copyOf(remedies);
    }
}

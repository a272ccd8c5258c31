package modelpatch.adapt;

import java.util.List;
import modelpatch.cases.CompositionalCase;
import modelpatch.cases.Query;

/**
 * A question with the answer that an adapter is to give. Its wordings say the same, so whichever is drawn the answer stays (an augmentation
 * whose inverse is the identity).
 *
 * @param source what it tells, and who said so
 * @param caseId the case that it is of
 * @param group lessons of one group stand in one sequence: the relations of the case
 * @param wordings at least one, the primary first
 * @param answer as it follows after the prompt and a space
 */
public record Lesson(Level.Source source, String caseId, String group, List<Query> wordings, String answer) {
    public Lesson {
        wordings = List.copyOf(wordings);
        if (wordings.isEmpty()) {
            throw new IllegalArgumentException("no wording of " + caseId);
        }
    }

    /** What the relations of a case are called together, such as {@code P27-P36}. */
    static String group(CompositionalCase one) {
        return String.join("-", one.relations());
    }

    /** The same with another answer. */
    Lesson answering(String other) {
        return new Lesson(source, caseId, group, wordings, other);
    }
}

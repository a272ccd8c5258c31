package modelpatch.repair;

import java.util.List;
import java.util.Optional;
import modelpatch.cases.Fact;

/**
 * What became of facts that were to be taught; {@code patch apply --fact --json} prints it.
 *
 * @param repair the patch and its evidence; empty where every fact was known already
 * @param taught facts that the patch is for
 * @param known facts that needed no patch
 */
public record TeachingDocument(Optional<RepairDocument> repair, List<Lesson> taught, List<Lesson> known) {
    public TeachingDocument {
        taught = List.copyOf(taught);
        known = List.copyOf(known);
    }

    /**
     * One fact.
     *
     * @param id of its case
     * @param fact in words
     * @param prompt by which it was asked
     * @param before what the model said
     * @param after what it says with the patch; empty where it needed none
     */
    public record Lesson(String id, String fact, String prompt, String before, Optional<String> after) {}

    /** A fact in words. */
    static String text(Fact fact) {
        return fact.subject() + " | " + fact.relationLabel() + " | " + fact.object();
    }

    /** Whether a patch that was asked for could not be had. */
    public boolean failed() {
        return repair.filter(RepairDocument::failed).isPresent();
    }
}

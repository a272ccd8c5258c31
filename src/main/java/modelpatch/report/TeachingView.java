package modelpatch.report;

import modelpatch.repair.TeachingDocument;

/** Facts that were taught, for people. */
public final class TeachingView {
    private TeachingView() {}

    /** What was asked before and after, then the evidence of the patch. */
    public static String text(TeachingDocument document) {
        StringBuilder text = new StringBuilder();
        document.known()
                .forEach(lesson -> text.append("known already: ")
                        .append(lesson.fact())
                        .append("\n  ")
                        .append(lesson.prompt())
                        .append(" -> ")
                        .append(lesson.before())
                        .append('\n'));
        document.taught()
                .forEach(lesson -> text.append("taught: ")
                        .append(lesson.fact())
                        .append("\n  ")
                        .append(lesson.prompt())
                        .append(" -> ")
                        .append(lesson.before())
                        .append("; with the patch: ")
                        .append(lesson.after().orElse("nothing"))
                        .append('\n'));
        document.repair()
                .ifPresent(repair -> text.append('\n')
                        .append(RepairView.text(repair))
                        .append("hops: of a single fact, other facts of its subject\n"));
        return text.toString();
    }
}

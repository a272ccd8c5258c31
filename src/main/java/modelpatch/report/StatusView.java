package modelpatch.report;

import modelpatch.Visible;
import modelpatch.patch.StatusDocument;

/** What is on which model, for a reader. */
public final class StatusView {
    private static final int ID_SHOWN = 12;

    private StatusView() {}

    /** A table for each model, lowest patch first; without a final newline. */
    public static String text(StatusDocument document) {
        if (document.models().isEmpty()) {
            return "no patch is on, says " + document.ledger();
        }
        StringBuilder text = new StringBuilder();
        for (StatusDocument.Model model : document.models()) {
            Table table = Table.of("patch", "method", "cases>", "gates", "on since", "author", "reason");
            for (StatusDocument.On patch : model.patches()) {
                table.row(
                        patch.id().substring(0, ID_SHOWN) + (patch.stale() ? " (stale)" : ""),
                        patch.method(),
                        patch.cases().size(),
                        patch.verdict(),
                        patch.time(),
                        patch.author(),
                        patch.reason());
            }
            text.append("on ")
                    .append(Visible.line(model.name()))
                    .append(" (")
                    .append(model.digest(), 0, ID_SHOWN)
                    .append("), lowest first:\n")
                    .append(table)
                    .append("\n\n");
            if (model.patches().stream().anyMatch(StatusDocument.On::stale)) {
                text.append("stale: made on patches that are no longer below it; evaluate the stack again\n\n");
            }
        }
        return text.append(document.ledger())
                .append(", head ")
                .append(document.head())
                .toString();
    }
}

package modelpatch.report;

import modelpatch.patch.LedgerEntry;
import modelpatch.patch.LogDocument;

/** A ledger, for a reader. */
public final class LedgerView {
    private static final int HASH_SHOWN = 12;

    private LedgerView() {}

    /** Line by line, and that none was changed; without a final newline. */
    public static String text(LogDocument document) {
        if (!document.faults().isEmpty()) {
            Table table = Table.of("where", "expected", "found");
            document.faults().forEach(fault -> table.row(fault.where(), fault.expected(), fault.found()));
            return table + "\n\n" + document.file() + ": "
                    + (document.faults().size() == 1
                            ? "1 fault"
                            : document.faults().size() + " faults") + " in a ledger of "
                    + document.lines()
                    + " lines: what the files hold is not what was written; restore them from where they are kept";
        }
        String verdict = document.file() + ": " + document.lines() + " lines, none was changed"
                + (document.lines() == 0 ? "" : "; head " + document.head());
        if (document.entries().isEmpty()) {
            return verdict;
        }
        Table table = Table.of("line>", "time", "action", "patch", "cases>", "author", "reason");
        for (LedgerEntry entry : document.entries()) {
            String id = entry.details().path("patch").asText();
            table.row(
                    entry.line(),
                    entry.time(),
                    entry.action(),
                    id.substring(0, Math.min(HASH_SHOWN, id.length())),
                    entry.details().path("cases").isArray()
                            ? entry.details().path("cases").size()
                            : "",
                    entry.author(),
                    entry.reason());
        }
        return table + "\n\n" + verdict;
    }
}

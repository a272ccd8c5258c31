package modelpatch.patch;

import java.util.List;

/**
 * A ledger that was read, and so checked.
 *
 * @param head hash of the last line; empty for an empty ledger
 * @param entries none where only the check was asked for
 */
public record LogDocument(String file, int lines, String head, boolean verified, List<LedgerEntry> entries) {
    /**
     * Reads a ledger.
     *
     * @param whole whether its entries are wanted
     * @throws modelpatch.BadInput where a line was changed
     */
    public static LogDocument of(Ledger ledger, boolean whole) {
        List<LedgerEntry> entries = ledger.entries();
        String head = entries.isEmpty() ? "" : entries.get(entries.size() - 1).hash();
        return new LogDocument(ledger.file().toString(), entries.size(), head, true, whole ? entries : List.of());
    }
}

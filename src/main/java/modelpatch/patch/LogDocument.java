package modelpatch.patch;

import java.util.List;
import java.util.Optional;

/**
 * A ledger that was read, and so checked.
 *
 * @param head hash of the last line; empty for an empty ledger
 * @param verified whether no fault was found
 * @param entries none where only the check was asked for
 * @param faults what does not agree with the ledger; looked for only where the check was asked for
 */
public record LogDocument(
        String file, int lines, String head, boolean verified, List<LedgerEntry> entries, List<StoreFault> faults) {
    /**
     * Reads the ledger of a store.
     *
     * @throws modelpatch.BadInput where a line was changed
     */
    public static LogDocument read(PatchStore store) {
        return of(store.ledger(), store.ledger().entries(), true, List.of());
    }

    /**
     * Checks the ledger of a store, its head, its patch files and their digests together.
     *
     * @param expectedHead the hash of a line that is known to have been written, kept elsewhere
     * @throws modelpatch.BadInput where a line was changed
     */
    public static LogDocument verify(PatchStore store, Optional<String> expectedHead) {
        return store.ledger().undisturbed(() -> {
            List<LedgerEntry> entries = store.ledger().entries();
            return of(store.ledger(), entries, false, store.faults(entries, expectedHead));
        });
    }

    private static LogDocument of(Ledger ledger, List<LedgerEntry> entries, boolean whole, List<StoreFault> faults) {
        String head = entries.isEmpty() ? "" : entries.get(entries.size() - 1).hash();
        return new LogDocument(
                ledger.file().toString(), entries.size(), head, faults.isEmpty(), whole ? entries : List.of(), faults);
    }
}

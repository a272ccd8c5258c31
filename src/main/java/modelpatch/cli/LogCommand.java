package modelpatch.cli;

import java.util.List;
import modelpatch.patch.Ledger;
import modelpatch.patch.LedgerEntry;
import modelpatch.report.Table;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch log}: what was done to which model, by whom and why. */
@Command(
        name = "log",
        header = "Reads the ledger: what was put on and taken off, by whom and why.",
        description =
                "The ledger is hash-chained and is checked whenever it is read; --verify says nothing but the result of that check.",
        footer = "  patch log --verify")
final class LogCommand extends Subcommand {
    private static final int HASH_SHOWN = 12;

    @Mixin
    PatchOptions patches;

    @Option(names = "--verify", description = "only check the chain")
    boolean verify;

    LogCommand(Terminal terminal) {
        super(terminal);
    }

    /**
     * What {@code --json} prints.
     *
     * @param head hash of the last line; empty for an empty ledger
     */
    record LogDocument(String file, int lines, String head, boolean verified, List<LedgerEntry> entries) {}

    @Override
    Answer answer() {
        Ledger ledger = patches.store(terminal).ledger();
        List<LedgerEntry> entries = ledger.entries();
        String head = entries.isEmpty() ? "" : entries.get(entries.size() - 1).hash();
        LogDocument document =
                new LogDocument(ledger.file().toString(), entries.size(), head, true, verify ? List.of() : entries);
        return Answer.of(document, () -> text(document, entries));
    }

    private String text(LogDocument document, List<LedgerEntry> entries) {
        String verdict = document.file() + ": " + document.lines() + " lines, none was changed"
                + (document.lines() == 0 ? "" : "; head " + document.head());
        if (verify || entries.isEmpty()) {
            return verdict;
        }
        Table table = Table.of("line>", "time", "action", "patch", "cases>", "author", "reason");
        for (LedgerEntry entry : entries) {
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

package modelpatch.cli;

import modelpatch.patch.LogDocument;
import modelpatch.report.LedgerView;
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
    @Mixin
    PatchOptions patches;

    @Option(names = "--verify", description = "only check the chain")
    boolean verify;

    LogCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        LogDocument document = LogDocument.of(patches.store(terminal).ledger(), !verify);
        return Answer.of(document, () -> LedgerView.text(document));
    }
}

package modelpatch.cli;

import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.patch.LogDocument;
import modelpatch.patch.PatchStore;
import modelpatch.report.LedgerView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch log}: what was done to which model, by whom and why. */
@Command(
        name = "log",
        header = "Reads the ledger: what was put on and taken off, by whom and why.",
        description =
                "The ledger is hash-chained and is checked whenever it is read. --verify checks the patch files and their digests as well and"
                        + " says nothing but the result; a fault is exit code 1.",
        footer = "  patch log --verify --expect-head HASH")
final class LogCommand extends Subcommand {
    @Mixin
    PatchOptions patches;

    @Option(names = "--verify", description = "check ledger, head, patch files and digests together, and list nothing")
    boolean verify;

    @Option(
            names = "--expect-head",
            paramLabel = "HASH",
            description = "with --verify: the hash of a line that was written, kept elsewhere; the ledger must hold it")
    Optional<String> expectedHead = Optional.empty();

    LogCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        if (expectedHead.isPresent() && !verify) {
            throw new BadInput("--expect-head", "log", "--verify beside it", "none", "add --verify");
        }
        PatchStore store = patches.store(terminal);
        LogDocument document = verify ? LogDocument.verify(store, expectedHead) : LogDocument.read(store);
        return new Answer(document, () -> LedgerView.text(document), document.verified() ? 0 : 1);
    }
}

package modelpatch.cli;

import modelpatch.patch.StatusDocument;
import modelpatch.report.StatusView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code patch status}: what is on now. */
@Command(
        name = "status",
        header = "Shows which patches are on which model, as the ledger says.",
        description = "`--patch @active` puts the same patches on the model of any other command.",
        footer = "  patch status --patches patches/example")
final class StatusCommand extends Subcommand {
    @Mixin
    PatchOptions patches;

    StatusCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        StatusDocument document = StatusDocument.of(patches.store(terminal));
        return Answer.of(document, () -> StatusView.text(document))
                .next(Hint.after(spec, "log").with("--verify"));
    }
}

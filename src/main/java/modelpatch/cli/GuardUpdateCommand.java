package modelpatch.cli;

import modelpatch.guard.PatchedModel;
import modelpatch.guard.SuiteRunner;
import modelpatch.guard.UpdateDocument;
import modelpatch.report.GuardView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard update}: a new baseline, after every difference was seen. */
@Command(
        name = "update",
        header = "Shows every difference to the recorded baseline; --accept makes what is there now the baseline.",
        description = "Without --accept nothing is written, and the exit code is 1 where anything differs.",
        footer = "  patch guard update --patch patches/p.patch.safetensors --suite eval/p.yaml --accept")
final class GuardUpdateCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Mixin
    GuardSuiteOptions suites;

    @Option(names = "--accept", description = "write the new baseline")
    boolean accept;

    GuardUpdateCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        try (PatchedModel opened = model.open(this);
                CloseableBase base = suites.base(this)) {
            UpdateDocument update =
                    SuiteRunner.update(suites.read(), opened.target(base.model()), accept, terminal.clock(), this);
            return new Answer(update, () -> GuardView.text(update), update.differs() && !accept ? 1 : 0);
        }
    }
}

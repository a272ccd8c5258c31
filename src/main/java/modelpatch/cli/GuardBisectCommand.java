package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import modelpatch.guard.Bisect;
import modelpatch.guard.BisectDocument;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.RegressionSuite;
import modelpatch.report.GuardView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code patch guard bisect}: which patch breaks a case. */
@Command(
        name = "bisect",
        header = "Finds which patch of a stack breaks a case.",
        description =
                "By halves over the lower parts of the stack, and the answer is checked: the stack without that patch must hold."
                        + " Where it does not, several patches work together, and the smallest sets of them are found by trying all.",
        footer = "  patch guard bisect --patch a.patch.safetensors b.patch.safetensors --suite eval/a.yaml")
final class GuardBisectCommand extends Subcommand {
    @Mixin
    ModelOptions model;

    @Option(names = "--suite", paramLabel = "FILE", required = true, description = "the suite of the case")
    Path suite;

    @Option(
            names = "--case",
            paramLabel = "ID",
            description =
                    "the case; several are given one after another (default: every case that fails on the whole stack)")
    List<String> ids = List.of();

    @Option(names = "--most-runs", paramLabel = "N", defaultValue = "4096", description = "stacks to try for one case")
    int mostRuns;

    GuardBisectCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    Answer answer() {
        RegressionSuite asked = RegressionSuite.read(suite);
        try (PatchedModel opened = model.open(this)) {
            BisectDocument found = new Bisect(opened, asked, mostRuns, terminal.clock()).run(ids, this);
            return new Answer(found, () -> GuardView.text(found), found.passed() ? 0 : 1);
        }
    }
}

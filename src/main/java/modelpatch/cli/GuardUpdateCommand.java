package modelpatch.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.guard.Baseline;
import modelpatch.guard.PatchedModel;
import modelpatch.guard.RegressionSuite;
import modelpatch.guard.SuiteResult;
import modelpatch.guard.SuiteRunner;
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

    /**
     * One suite.
     *
     * @param recorded whether there was a baseline before
     * @param differences one line each
     */
    record Update(String suite, String baseline, boolean recorded, List<String> differences, String verdict) {}

    /** What {@code --json} prints. */
    record UpdateDocument(boolean accepted, List<Update> suites) {}

    @Override
    Answer answer() {
        List<Update> updates = new ArrayList<>();
        try (PatchedModel opened = model.open(this);
                GuardRunCommand.CloseableBase base = suites.base(this)) {
            for (RegressionSuite suite : suites.read()) {
                try (ProgressLine progress = begin(suite.name())) {
                    SuiteResult result =
                            new SuiteRunner(terminal.clock(), progress).run(suite, opened.target(base.model()));
                    Baseline now = Baseline.of(
                            result, Version.engine(), terminal.clock().instant().toString());
                    Optional<Baseline> recorded = Baseline.read(suite.baselineFile());
                    List<String> differences =
                            recorded.map(before -> before.differences(now)).orElse(List.of());
                    if (accept && (recorded.isEmpty() || !differences.isEmpty())) {
                        now.write(suite.baselineFile());
                    }
                    updates.add(new Update(
                            suite.name(),
                            suite.baselineFile().toString(),
                            recorded.isPresent(),
                            differences,
                            result.verdict()));
                }
            }
        }
        boolean differs = updates.stream()
                .anyMatch(update -> !update.recorded() || !update.differences().isEmpty());
        return new Answer(new UpdateDocument(accept, updates), () -> text(updates), differs && !accept ? 1 : 0);
    }

    private String text(List<Update> updates) {
        StringBuilder text = new StringBuilder();
        boolean differs = false;
        for (Update update : updates) {
            text.append(update.suite()).append(": ");
            if (!update.recorded()) {
                text.append("no baseline yet\n");
            } else if (update.differences().isEmpty()) {
                text.append("nothing differs from ").append(update.baseline()).append('\n');
            } else {
                text.append(update.differences().size()).append(" differences\n");
                update.differences()
                        .forEach(line -> text.append("  ").append(line).append('\n'));
            }
            if (update.verdict().equals("broken")) {
                text.append("  the suite is broken as it is; see `patch guard run`\n");
            }
            differs |= !update.recorded() || !update.differences().isEmpty();
        }
        if (!differs) {
            return text.append("nothing to write").toString();
        }
        return text.append(
                        accept
                                ? "written: "
                                        + String.join(
                                                ", ",
                                                updates.stream()
                                                        .map(Update::baseline)
                                                        .toList())
                                : "nothing was written; --accept makes this the baseline")
                .toString();
    }
}

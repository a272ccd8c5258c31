package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.guard.GuardTarget;
import modelpatch.guard.RegressionSuite;
import modelpatch.guard.SuiteResult;
import modelpatch.guard.SuiteRunner;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import picocli.CommandLine.Option;

/** Which regression suites a command runs, and what drift is measured from. */
final class GuardSuiteOptions {
    @Option(
            names = "--suite",
            paramLabel = "FILE",
            required = true,
            arity = "1..*",
            description = "regression suites, YAML files that `patch guard init` or people wrote")
    List<Path> suites;

    @Option(
            names = "--base",
            paramLabel = "MODEL",
            description = "what drift is measured from where --model has no patches on it, such as a merged checkpoint"
                    + " (default: drift is then not measured)")
    String base;

    List<RegressionSuite> read() {
        return suites.stream().map(RegressionSuite::read).toList();
    }

    /** Runs suites one after the other, each with its own progress. */
    static List<SuiteResult> run(Subcommand command, List<RegressionSuite> suites, GuardTarget target) {
        List<SuiteResult> results = new ArrayList<>();
        for (RegressionSuite suite : suites) {
            try (ProgressLine progress = command.begin(suite.name())) {
                results.add(new SuiteRunner(command.terminal.clock(), progress).run(suite, target));
            }
        }
        return results;
    }

    GuardRunCommand.CloseableBase base(Subcommand command) {
        return new GuardRunCommand.CloseableBase(Optional.ofNullable(base)
                .map(name -> LanguageModel.open(
                        ModelOptions.resolve("--base", name),
                        LoadOptions.defaults().withThreads(command.common.threads()))));
    }
}

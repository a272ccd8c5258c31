package modelpatch.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import modelpatch.guard.RegressionSuite;
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

    List<Path> files() {
        return suites;
    }

    CloseableBase base(Subcommand command) {
        return new CloseableBase(Optional.ofNullable(base)
                .map(name -> LanguageModel.open(
                        ModelOptions.resolve("--base", name),
                        LoadOptions.defaults().withThreads(command.common.threads()))));
    }
}

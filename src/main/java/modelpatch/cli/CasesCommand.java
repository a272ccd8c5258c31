package modelpatch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code patch cases}: what is asked of a model. */
@Command(
        name = "cases",
        header = "Makes and shows suites of compositional cases.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"  patch cases init --facts facts.tsv", "  patch cases compose --facts facts.tsv"})
final class CasesCommand implements Runnable {
    @Mixin
    HelpManners manners;

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: init or compose");
    }
}

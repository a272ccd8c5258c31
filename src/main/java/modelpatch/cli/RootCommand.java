package modelpatch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code patch} without a command: help, version, or the remark that a command is missing. */
@Command(
        name = "patch",
        header = "Finds, explains and repairs failures of compositional reasoning in decoder language models.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Version.class,
        footer = {
            "  patch find --model model.gguf --facts facts.tsv",
            "",
            "`patch help COMMAND` explains one command, `patch help words` the words that they use."
        })
final class RootCommand implements Runnable {
    @Mixin
    HelpManners manners;

    @Spec
    CommandSpec spec;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "show version, Java and system, and exit")
    boolean version;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}

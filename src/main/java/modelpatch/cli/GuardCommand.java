package modelpatch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code patch guard}: regression suites that fail a build. */
@Command(
        name = "guard",
        header = "Guards an edited model: suites that fail a build, drift, and which patch broke a case.",
        synopsisSubcommandLabel = "COMMAND",
        footer = "  patch guard run --model default --patch patches/p.patch.safetensors --suite eval/p.yaml")
final class GuardCommand implements Runnable {
    @Mixin
    HelpManners manners;

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is missing: " + String.join(", ", spec.subcommands().keySet()));
    }
}

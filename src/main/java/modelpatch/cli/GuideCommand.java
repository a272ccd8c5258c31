package modelpatch.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code patch guide}: a target's logits shifted by those of a guider and its base. */
@Command(
        name = "guide",
        header = "Lets a small guider pull a target along, token by token: target + alpha (guider - guider base).",
        synopsisSubcommandLabel = "COMMAND",
        footer =
                "  patch guide run --guider-base base --guider guider --prompt \"The home city of the author of the Book of Kalael is\"")
final class GuideCommand implements Runnable {
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

package modelpatch.cli;

import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;

/** {@code patch completion}: what a shell needs to complete commands and options. */
@Command(
        name = "completion",
        header = "Prints what a shell reads to complete commands, options and their values.",
        description = {
            "bash and zsh: source <(patch completion bash), from ~/.bashrc or ~/.zshrc",
            "fish: patch completion fish > ~/.config/fish/completions/patch.fish"
        },
        footer = "  patch completion bash > ~/.local/share/bash-completion/completions/patch")
final class CompletionCommand extends Subcommand {
    /** The shells; zsh reads what bash reads. */
    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Parameters(paramLabel = "SHELL", description = "one of: ${COMPLETION-CANDIDATES}")
    Shell shell;

    CompletionCommand(Terminal terminal) {
        super(terminal);
    }

    /** The script. */
    record CompletionDocument(String script) {}

    @Override
    Answer answer() {
        CommandLine root = spec.root().commandLine();
        String script = shell == Shell.FISH ? fish(root) : AutoComplete.bash("patch", root);
        return Answer.of(new CompletionDocument(script), () -> script.stripTrailing());
    }

    /** Commands where none is typed yet, below one its own commands, and the options of what is typed. */
    private static String fish(CommandLine root) {
        StringBuilder script = new StringBuilder("complete -c patch -f\n");
        root.getSubcommands().forEach((name, command) -> {
            line(script, "__fish_use_subcommand", "-a " + name, header(command));
            String typed = "__fish_seen_subcommand_from " + name;
            for (Map.Entry<String, CommandLine> below : command.getSubcommands().entrySet()) {
                line(script, typed, "-a " + below.getKey(), header(below.getValue()));
                options(script, typed + "; and __fish_seen_subcommand_from " + below.getKey(), below.getValue());
            }
            options(script, typed, command);
        });
        return script.toString();
    }

    private static void options(StringBuilder script, String typed, CommandLine command) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            String description = option.description().length == 0 ? "" : option.description()[0];
            String value = option.arity().max() == 0 ? "" : " -r -F";
            line(script, typed, "-l " + option.longestName().substring(2) + value, description);
        }
    }

    private static String header(CommandLine command) {
        String[] header = command.getCommandSpec().usageMessage().header();
        return header.length == 0 ? "" : header[0];
    }

    private static void line(StringBuilder script, String when, String what, String why) {
        String first = why.split("[.;(]", 2)[0].strip();
        script.append("complete -c patch -n '")
                .append(when)
                .append("' ")
                .append(what)
                .append(" -d '")
                .append(first.replace("\\", "\\\\").replace("'", "\\'"))
                .append("'\n");
    }
}

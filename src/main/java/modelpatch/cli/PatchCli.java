package modelpatch.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import modelpatch.BadInput;
import modelpatch.NativeLibraries;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.HelpCommand;

/** The entry point: {@code patch COMMAND [OPTIONS]}. */
public final class PatchCli {
    private static final List<String> HELP_WORDS = List.of("help", "words");

    private final Terminal terminal;

    PatchCli(Terminal terminal) {
        this.terminal = terminal;
    }

    public static void main(String[] arguments) {
        NativeLibraries.locate();
        Terminal terminal = Terminal.ofProcess();
        terminal.interruption().listen();
        int exitCode = new PatchCli(terminal).run(arguments);
        terminal.interruption().commandEnded();
        System.exit(exitCode);
    }

    /** Runs one command line and returns its exit code; nothing is thrown. */
    int run(String... arguments) {
        List<String> effective = List.of(arguments);
        ConfigFile config = null;
        CommandLine line = commandLine();
        try {
            if (effective.equals(HELP_WORDS)) {
                new Glossary(terminal).print();
                return 0;
            }
            Object command = command(line, effective).getCommand();
            Optional<String> file = Arguments.value(effective, "--config");
            if (file.isPresent() && !file.get().isEmpty() && !(command instanceof TrainCommand)) {
                config = ConfigFile.read(Path.of(file.get()));
                effective = with(line, effective, config.arguments(known(line, effective), effective));
            }
            if (command instanceof ApplyCommand
                    || command instanceof AdaptCommand
                    || command instanceof GuideEvalCommand
                    || command instanceof MapCommand
                    || command instanceof CompareCommand) {
                effective = with(line, effective, FindingsOptions.handedOn(effective));
            }
        } catch (BadInput e) {
            return failures(effective).execution(e);
        }
        Failures failures = failures(effective);
        ConfigFile origin = config;
        line.setParameterExceptionHandler((e, args) -> failures.usage(e, origin));
        line.setExecutionExceptionHandler((e, command, parsed) -> failures.execution(e));
        try {
            return line.execute(effective.toArray(String[]::new));
        } catch (OutOfMemoryError | StackOverflowError | LinkageError e) {
            return failures.execution(e);
        }
    }

    CommandLine commandLine() {
        CommandLine line = new CommandLine(new RootCommand());
        line.addSubcommand(new ApplyCommand(terminal));
        line.addSubcommand(new AdaptCommand(terminal));
        line.addSubcommand(new ShowCommand(terminal));
        line.addSubcommand(new RevertCommand(terminal));
        line.addSubcommand(new StatusCommand(terminal));
        line.addSubcommand(new LogCommand(terminal));
        line.addSubcommand(new ExportCommand(terminal));
        line.addSubcommand(new SignCommand(terminal));
        line.addSubcommand(new VerifyCommand(terminal));
        line.addSubcommand(guard());
        line.addSubcommand(guide());
        line.addSubcommand(new ImportCommand(terminal));
        line.addSubcommand(new RunCommand(terminal));
        line.addSubcommand(new EvalCommand(terminal));
        line.addSubcommand(new FindCommand(terminal));
        line.addSubcommand(new CompareCommand(terminal));
        line.addSubcommand(new MapCommand(terminal));
        line.addSubcommand(new LensCommand(terminal));
        line.addSubcommand(new RankCommand(terminal));
        line.addSubcommand(new LogitsCommand(terminal));
        line.addSubcommand(new CommandLine(new CasesCommand())
                .addSubcommand(new CasesInitCommand(terminal))
                .addSubcommand(new ComposeCommand(terminal)));
        line.addSubcommand(new PullCommand(terminal));
        line.addSubcommand(new InitCommand(terminal));
        line.addSubcommand(new TrainCommand(terminal));
        line.addSubcommand(new DoctorCommand(terminal));
        line.addSubcommand(new CompletionCommand(terminal));
        line.addSubcommand(new HelpCommand());
        line.setOut(writer(terminal.out()));
        line.setErr(writer(terminal.err()));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(terminal.colour() ? Ansi.ON : Ansi.OFF));
        GroupedHelp.set(line, terminal.width());
        line.setUnmatchedOptionsArePositionalParams(false);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        // --patch @active is no file of arguments.
        line.setExpandAtFiles(false);
        return line;
    }

    private CommandLine guard() {
        return new CommandLine(new GuardCommand())
                .addSubcommand(new GuardInitCommand(terminal))
                .addSubcommand(new GuardRunCommand(terminal))
                .addSubcommand(new GuardUpdateCommand(terminal))
                .addSubcommand(new GuardDriftCommand(terminal))
                .addSubcommand(new GuardBisectCommand(terminal))
                .addSubcommand(new GuardWatchCommand(terminal));
    }

    private CommandLine guide() {
        return new CommandLine(new GuideCommand())
                .addSubcommand(new GuideRunCommand(terminal))
                .addSubcommand(new GuideEvalCommand(terminal))
                .addSubcommand(new GuideTrainCommand(terminal));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    private Failures failures(List<String> arguments) {
        return new Failures(
                terminal,
                arguments.contains("--json") || arguments.contains("--json=true"),
                arguments.contains("-v") || arguments.contains("--verbose") || arguments.contains("--verbose=true"));
    }

    /** The command that the arguments name. */
    private static CommandLine command(CommandLine line, List<String> typed) {
        CommandLine command = line;
        for (String name : typed.subList(0, depth(line, typed))) {
            command = command.getSubcommands().get(name);
        }
        return command;
    }

    /** How many arguments name the command. */
    private static int depth(CommandLine line, List<String> typed) {
        CommandLine command = line;
        int names = 0;
        while (names < typed.size() && command.getSubcommands().containsKey(typed.get(names))) {
            command = command.getSubcommands().get(typed.get(names));
            names++;
        }
        return names;
    }

    /** The long option names of the command, without dashes, that a file may give. */
    private static List<String> known(CommandLine line, List<String> typed) {
        return command(line, typed).getCommandSpec().options().stream()
                .map(option -> option.longestName().substring(2))
                .filter(name -> !name.equals("config") && !name.equals("help"))
                .toList();
    }

    /** The typed arguments with others put behind the names of the command, so that all are parsed by the same rules. */
    private static List<String> with(CommandLine line, List<String> typed, List<String> others) {
        int names = depth(line, typed);
        List<String> merged = new ArrayList<>(typed.subList(0, names));
        merged.addAll(others);
        merged.addAll(typed.subList(names, typed.size()));
        return merged;
    }
}

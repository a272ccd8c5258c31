package modelpatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import modelpatch.document.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.OptionSpec;

/**
 * configs/commands/ has one commented configuration for each command that takes {@code --config}, which says all its options. They are
 * written from the commands themselves, by {@code -Dmodelpatch.configs=write}.
 */
class CommandConfigTest {
    private static final Path FOLDER = Path.of("configs", "commands");
    private static final int WIDTH = 140;

    static List<String> names() {
        return List.copyOf(commands().keySet());
    }

    /** The commands that read their options from a file, by name; what `patch train --config` reads is a recipe of its own. */
    private static Map<String, CommandLine> commands() {
        Map<String, CommandLine> commands = new TreeMap<>();
        leaves("", new PatchCli(CommandRun.terminal()).commandLine(), commands);
        commands.remove("train");
        return commands;
    }

    private static void leaves(String name, CommandLine command, Map<String, CommandLine> into) {
        if (command.getCommandSpec().optionsMap().containsKey("--config")) {
            into.put(name, command);
        }
        command.getSubcommands().forEach((word, sub) -> leaves(name.isEmpty() ? word : name + "-" + word, sub, into));
    }

    private static Path file(String name) {
        return FOLDER.resolve(name + ".yaml");
    }

    private static String text(String name) {
        String command = "patch " + name.replace('-', ' ');
        StringBuilder yaml = new StringBuilder(
                        "# Options of `" + command + " --config FILE`. What is typed wins over this file.\n")
                .append(
                        "# A line that begins with #- is an option that has no value unless it is given: take the #- away and say one.\n");
        for (OptionSpec option : commands().get(name).getCommandSpec().options()) {
            String key = option.longestName().substring(2);
            if (!key.equals("config") && !key.equals("help")) {
                yaml.append('\n').append(comment(option));
                String value = option.defaultValue() != null
                        ? option.defaultValue()
                        : option.arity().max() == 0 ? "false" : null;
                yaml.append(value != null ? key + ": " + Json.line(value) : "#- " + key + ": " + option.paramLabel())
                        .append('\n');
            }
        }
        return yaml.toString();
    }

    private static String comment(OptionSpec option) {
        String candidates = option.completionCandidates() == null
                ? ""
                : StreamSupport.stream(option.completionCandidates().spliterator(), false)
                        .collect(Collectors.joining(", "));
        String words = String.join(" ", option.description()).replace("${COMPLETION-CANDIDATES}", candidates);
        StringBuilder lines = new StringBuilder("#");
        int column = 1;
        for (String word : words.split(" ", -1)) {
            if (column + 1 + word.length() > WIDTH) {
                lines.append("\n#");
                column = 1;
            }
            lines.append(' ').append(word);
            column += 1 + word.length();
        }
        return lines.append('\n').toString();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theFileSaysEveryOptionOfTheCommandAndIsUnderstood(String name) throws IOException {
        if ("write".equals(System.getProperty("modelpatch.configs"))) {
            Files.createDirectories(FOLDER);
            Files.writeString(file(name), text(name));
        }
        assertThat(file(name)).hasContent(text(name));
        List<String> known = commands().get(name).getCommandSpec().options().stream()
                .map(option -> option.longestName().substring(2))
                .toList();
        List<String> arguments = new ArrayList<>(List.of(name.split("-")));
        arguments.addAll(ConfigFile.read(file(name)).arguments(known, List.of()));
        assertThat(arguments).hasSizeGreaterThan(name.split("-").length);
        try {
            new PatchCli(CommandRun.terminal()).commandLine().parseArgs(arguments.toArray(String[]::new));
        } catch (MissingParameterException needed) {
            assertThat(needed.getMissing()).isNotEmpty(); // what has to be given has no default
        }
    }

    @Test
    void thereIsNoOther() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".yaml", "")))
                    .containsExactlyInAnyOrderElementsOf(names());
        }
    }
}

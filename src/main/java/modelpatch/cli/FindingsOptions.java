package modelpatch.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.architecture.BaseReading;
import modelpatch.locate.Findings;
import modelpatch.locate.FindingsFile;
import modelpatch.model.LanguageModel;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Which findings a command goes by. */
final class FindingsOptions {
    /** Where findings lie where nobody says otherwise. */
    static final Path DIRECTORY = Path.of("findings");

    /** What decides which cases there are and how they are asked; a command that works on with findings must ask them the same way. */
    static final Set<String> HANDED_ON = Set.of(
            "model",
            "allow-nan",
            "facts",
            "suite",
            "relations",
            "hops",
            "max-cases",
            "protocol",
            "few-shot",
            "few-shot-file",
            "form",
            "new-tokens",
            "chat",
            "known",
            "labels");

    private static final String HOME = System.getProperty("user.home", "");

    @Option(
            names = "--findings",
            paramLabel = "FILE",
            description = "what `patch find` wrote (default: the newest file in findings/)")
    Path file;

    /** The file that was named, or the newest. */
    Path resolve() {
        if (file != null) {
            return file;
        }
        return newest().orElseThrow(() -> new BadInput(
                "no findings",
                DIRECTORY.toString(),
                "a file that `patch find` wrote",
                "none",
                "run `patch find` first, or give --findings FILE"));
    }

    /** What was typed of the options that findings hand on, and the device, which they keep and do not. */
    static Map<String, String> askedBy(CommandSpec command) {
        Map<String, String> asked = new TreeMap<>();
        for (OptionSpec option : command.options()) {
            String name = option.longestName().substring(2);
            if ((HANDED_ON.contains(name) || name.equals("device"))
                    && command.commandLine().getParseResult().hasMatchedOption(option)) {
                asked.put(name, homeless(option.getValue().toString()));
            }
        }
        return asked;
    }

    /**
     * What findings hand on to a command, as arguments; nothing where there are no findings that can be read, which the command itself will
     * say.
     *
     * @param typed the arguments as they were typed; they win
     */
    static List<String> handedOn(List<String> typed) {
        FindingsOptions options = new FindingsOptions();
        options.file = Arguments.value(typed, "--findings").map(Path::of).orElse(null);
        try {
            List<String> arguments = new ArrayList<>();
            FindingsFile.read(options.resolve()).asked().forEach((name, value) -> {
                if (HANDED_ON.contains(name)
                        && Arguments.value(typed, "--" + name).isEmpty()) {
                    arguments.add("--" + name + "=" + atHome(value));
                }
            });
            return arguments;
        } catch (BadInput unreadable) {
            return List.of();
        }
    }

    /** A path below the user's folder without the user's name: findings are shown to others. */
    private static String homeless(String value) {
        String home = HOME + File.separator;
        return value.startsWith(home) ? "~" + File.separator + value.substring(home.length()) : value;
    }

    private static String atHome(String value) {
        return value.startsWith("~" + File.separator) ? HOME + value.substring(1) : value;
    }

    private static Optional<Path> newest() {
        if (!Files.isDirectory(DIRECTORY)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(path -> path.getFileName().toString().endsWith(".json"))
                    .max(Comparator.comparing(FindingsOptions::modified).thenComparing(Path::toString));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileTime modified(Path path) {
        try {
            return Files.getLastModifiedTime(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The ids of failures that these are, or are the beginnings of. */
    List<String> completed(List<String> beginnings) {
        if (beginnings.isEmpty()) {
            return beginnings;
        }
        Findings findings = FindingsFile.read(resolve());
        return beginnings.stream()
                .map(one -> findings.named(one, resolve().toString()).id())
                .distinct()
                .toList();
    }

    /**
     * Reads the findings that the options name, or the newest.
     *
     * @param model that they must be of
     */
    Findings read(LanguageModel model) {
        return FindingsFile.read(resolve(), model.digest(), BaseReading.of(model.checkpoint()));
    }
}

package modelpatch.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * A command that makes sense next. It works as it stands: nothing in it is left for the reader to fill in. Immutable.
 *
 * @param words of the command line, {@code patch} first
 * @param why what it is for, printed as a remark of the shell; may be empty
 */
record Hint(List<String> words, String why) {
    /** What says which model answers which questions in which form: a command that works on does it on the same. */
    private static final Set<String> SHARED = Stream.concat(
                    FindingsOptions.HANDED_ON.stream(),
                    Stream.of("patch", "policy", "patches", "max-cases", "seed", "threads", "device", "max-memory"))
            .collect(Collectors.toUnmodifiableSet());

    private static final String PLAIN = "[\\p{L}\\p{N}_./:=@%+,-]+";

    Hint {
        words = List.copyOf(words);
    }

    /** A command without any option. */
    static Hint of(String... names) {
        return new Hint(Stream.concat(Stream.of("patch"), Stream.of(names)).toList(), "");
    }

    /** A command with what was typed for another, as far as it has the same options. */
    static Hint after(CommandSpec typed, String... names) {
        Map<String, OptionSpec> known = target(typed, names).optionsMap();
        Hint hint = of(names);
        for (OptionSpec option : typed.commandLine().getParseResult().matchedOptions()) {
            String name = option.longestName();
            if (known.containsKey(name) && SHARED.contains(name.substring(2))) {
                hint = option.arity().max() == 0
                        ? hint.with(name)
                        : hint.with(name, option.originalStringValues().toArray());
            }
        }
        return hint;
    }

    /** What was typed, once more. */
    static Hint again(CommandSpec typed) {
        Hint hint = of(typed.qualifiedName(" ")
                .substring(typed.root().name().length())
                .strip()
                .split(" "));
        for (OptionSpec option : typed.commandLine().getParseResult().matchedOptions()) {
            hint = option.arity().max() == 0
                    ? hint.with(option.longestName())
                    : hint.with(
                            option.longestName(), option.originalStringValues().toArray());
        }
        return hint;
    }

    private static CommandSpec target(CommandSpec typed, String... names) {
        CommandLine command = typed.root().commandLine();
        for (String name : names) {
            command = command.getSubcommands().get(name);
        }
        return command.getCommandSpec();
    }

    /** The same with an option, once for each value. */
    Hint with(String option, Object... values) {
        List<String> longer = new ArrayList<>(words);
        if (values.length == 0) {
            longer.add(option);
        }
        for (Object value : values) {
            longer.add(option);
            longer.add(value.toString());
        }
        return new Hint(longer, why);
    }

    /** The same with what it works on, behind its options. */
    Hint on(Object argument) {
        return new Hint(
                Stream.concat(words.stream(), Stream.of(argument.toString())).toList(), why);
    }

    Hint because(String reason) {
        return new Hint(words, reason);
    }

    /** As it can be pasted into a shell. */
    @Override
    public String toString() {
        String command = words.stream().map(Hint::quoted).collect(Collectors.joining(" "));
        return why.isEmpty() ? command : command + "  # " + why;
    }

    private static String quoted(String word) {
        return word.matches(PLAIN) ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}

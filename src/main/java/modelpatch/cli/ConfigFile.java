package modelpatch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import modelpatch.document.Located;

/**
 * The YAML behind {@code --config}: one mapping whose keys are the long names of a command's options, whose values are what would be typed
 * after them; a list stands for an option given several times.
 */
final class ConfigFile {
    private final Located root;
    private final Map<String, Located> entries;

    private ConfigFile(Located root) {
        this.root = root;
        this.entries = root.value() == null ? Map.of() : root.anyFields("options of a command");
    }

    static ConfigFile read(Path file) {
        return new ConfigFile(Located.yaml(file));
    }

    /**
     * The arguments that the file stands for, leaving out every option that {@code typed} gives: what is typed wins.
     *
     * @param known long option names the command has, without dashes
     * @param typed the arguments as they were typed
     */
    List<String> arguments(Collection<String> known, List<String> typed) {
        if (!entries.isEmpty()) {
            root.fields("options of this command", Set.copyOf(known));
        }
        List<String> arguments = new ArrayList<>();
        entries.forEach((key, entry) -> {
            String option = "--" + key;
            List<String> values = values(entry);
            if (typed.stream().noneMatch(argument -> argument.equals(option) || argument.startsWith(option + "="))) {
                values.forEach(value -> arguments.add(option + "=" + value));
            }
        });
        return arguments;
    }

    private static List<String> values(Located entry) {
        return entry.isList()
                ? entry.items("values").stream().map(ConfigFile::scalar).toList()
                : List.of(scalar(entry));
    }

    private static String scalar(Located value) {
        if (value.value() instanceof String text) {
            return text;
        }
        throw value.bad("wrong kind of value", "a text, a number, true or false", "write what would be typed");
    }

    /** Where the option of this name was set, if the file sets it: file, line and column. */
    String where(String longName) {
        Located entry = entries.get(longName);
        return entry == null ? null : entry.where();
    }
}

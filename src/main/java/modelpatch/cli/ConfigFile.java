package modelpatch.cli;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import modelpatch.BadInput;

/**
 * The YAML behind {@code --config}: one mapping whose keys are the long names of a command's options, whose values are what would be typed
 * after them; a list stands for an option given several times.
 */
final class ConfigFile {
    /** What stands under one key, and in which line. */
    record Entry(List<String> values, int line) {}

    private final Path file;
    private final Map<String, Entry> entries;

    private ConfigFile(Path file, Map<String, Entry> entries) {
        this.file = file;
        this.entries = entries;
    }

    static ConfigFile read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInput("no such file", "--config " + file, "a YAML file", "nothing", "check the path");
        }
        try (JsonParser parser = new YAMLFactory().createParser(file.toFile())) {
            return new ConfigFile(file, entries(file, parser));
        } catch (JsonProcessingException e) {
            throw BadInput.of(at(file, e.getLocation()), "this is not YAML: " + e.getOriginalMessage())
                    .causedBy(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Entry> entries(Path file, JsonParser parser) throws IOException {
        Map<String, Entry> entries = new LinkedHashMap<>();
        JsonToken first = parser.nextToken();
        if (first == null) {
            return entries;
        }
        if (first != JsonToken.START_OBJECT) {
            throw expected(file, parser, "a mapping from option names to values");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonLocation location = parser.currentTokenLocation();
            parser.nextToken();
            Entry previous = entries.put(key, new Entry(values(file, parser), location.getLineNr()));
            if (previous != null) {
                throw BadInput.of(at(file, location), "the key " + key + " stands already in line " + previous.line());
            }
        }
        return entries;
    }

    private static List<String> values(Path file, JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            return List.of(scalar(file, parser));
        }
        List<String> values = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            values.add(scalar(file, parser));
        }
        return List.copyOf(values);
    }

    private static String scalar(Path file, JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (!token.isScalarValue() || token == JsonToken.VALUE_NULL) {
            throw expected(file, parser, "a text, a number, true or false");
        }
        return parser.getText();
    }

    private static BadInput expected(Path file, JsonParser parser, String expected) {
        return new BadInput(
                "wrong kind of value",
                at(file, parser.currentTokenLocation()),
                expected,
                parser.currentToken().name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
                "keys are the long option names of the command, without the dashes");
    }

    private static String at(Path file, JsonLocation location) {
        return location == null
                ? file.toString()
                : file + ", line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    /**
     * The arguments that the file stands for, leaving out every option that {@code typed} gives: what is typed wins.
     *
     * @param known long option names the command has, without dashes
     * @param typed the arguments as they were typed
     */
    List<String> arguments(Collection<String> known, List<String> typed) {
        List<String> arguments = new ArrayList<>();
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                throw new BadInput(
                        "unknown key",
                        file + ", line " + entry.line(),
                        "one of " + String.join(", ", new TreeSet<>(known)),
                        key,
                        "keys are the long option names of the command, without the dashes");
            }
            String option = "--" + key;
            if (typed.stream().noneMatch(argument -> argument.equals(option) || argument.startsWith(option + "="))) {
                entry.values().forEach(value -> arguments.add(option + "=" + value));
            }
        });
        return arguments;
    }

    /** Where the option of this name was set, if the file sets it: file and line. */
    String where(String longName) {
        Entry entry = entries.get(longName);
        return entry == null ? null : file + ", line " + entry.line();
    }
}

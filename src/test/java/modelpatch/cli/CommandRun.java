package modelpatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import modelpatch.document.Json;

/** One command line run inside the test's process: its exit code and what it printed. */
record CommandRun(int exitCode, String out, String err) {
    private static final Pattern WORD = Pattern.compile("(?:'[^']*'|\\\\'|[^\\s'])+");

    /** Characters of a document that is still validated: a large one has nothing but more of the same. */
    private static final int MOST_VALIDATED = 4_000_000;

    private static final Map<String, JsonSchema> SCHEMAS = new ConcurrentHashMap<>();

    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    /** Runs {@code patch} with these arguments; objects are printed, so that paths need no conversion. */
    static CommandRun patch(Object... arguments) {
        return patch(new Interruption(), arguments);
    }

    static CommandRun patch(Interruption interruption, Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = new PatchCli(terminal(interruption, out, err))
                .run(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
        return new CommandRun(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8))
                .withHintsThatParse()
                .withJsonOfItsSchema(
                        Arrays.stream(arguments).map(String::valueOf).toList());
    }

    /** A terminal that nobody looks at. */
    static Terminal terminal() {
        return terminal(new Interruption(), new ByteArrayOutputStream(), new ByteArrayOutputStream());
    }

    private static Terminal terminal(Interruption interruption, ByteArrayOutputStream out, ByteArrayOutputStream err) {
        return new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                false,
                false,
                100,
                CLOCK,
                interruption);
    }

    /** The one JSON document on stdout; fails when there is more, or less. */
    JsonNode json() {
        try {
            return JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build()
                    .readTree(out);
        } catch (JsonProcessingException e) {
            throw new AssertionError("stdout is not one JSON document:\n" + out, e);
        }
    }

    /** The commands that the run calls the next ones, word by word. */
    List<List<String>> hints() {
        return out.lines()
                .filter(line -> line.startsWith("next: ") || line.startsWith("  or: "))
                .map(line -> words(line.substring("next: ".length())))
                .toList();
    }

    /** The words of a command line as a shell reads them. */
    static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command);
        while (word.find() && !word.group().equals("#")) {
            words.add(word.group().replace("'\\''", "\0").replace("'", "").replace('\0', '\''));
        }
        return words;
    }

    /** Commands that are printed must be understood; HintsTest runs them. */
    private CommandRun withHintsThatParse() {
        for (List<String> hint : hints()) {
            new PatchCli(terminal())
                    .commandLine()
                    .parseArgs(hint.subList(1, hint.size()).toArray(String[]::new));
        }
        assertThat(out).doesNotContainPattern("; next: |\\w next: ");
        return this;
    }

    /** A document on stdout must be as docs/formats/schema/ says, whichever test asked for it. */
    private CommandRun withJsonOfItsSchema(List<String> arguments) {
        if (arguments.contains("--json") && exitCode != 2 && exitCode != 3 && out.length() < MOST_VALIDATED) {
            int names = JsonSchemas.DOCUMENTS.containsKey(arguments.get(0)) ? 1 : 2;
            String command = String.join("-", arguments.subList(0, names));
            JsonSchema schema = SCHEMAS.computeIfAbsent(command, CommandRun::schema);
            assertThat(schema.validate(out, InputFormat.JSON)).as(command).isEmpty();
        }
        return this;
    }

    private static JsonSchema schema(String command) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Json.object(JsonSchemas.FOLDER.resolve(command + ".json")));
    }

    /** This run, after checking that it ended well. */
    CommandRun succeeded() {
        assertThat(exitCode).as("%s%n%s", out, err).isZero();
        return this;
    }

    /** This run, after checking that it ended with this exit code and printed these texts as its result. */
    CommandRun exitsWith(int code, String... texts) {
        assertThat(exitCode).as("%s%n%s", out, err).isEqualTo(code);
        assertThat(out).contains(texts);
        return this;
    }

    /** This run, after checking that it refused its input: exit code 2, an empty stdout, one error line that holds these texts. */
    CommandRun refused(String... texts) {
        assertThat(exitCode).as("%s%n%s", out, err).isEqualTo(2);
        assertThat(out).isEmpty();
        assertThat(err.lines().filter(line -> line.startsWith("error: "))).hasSize(1);
        assertThat(err).contains(texts).doesNotContain("\tat ");
        return this;
    }
}

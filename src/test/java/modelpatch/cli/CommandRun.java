package modelpatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;

/** One command line run inside the test's process: its exit code and what it printed. */
record CommandRun(int exitCode, String out, String err) {
    static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC);

    /** Runs {@code patch} with these arguments; objects are printed, so that paths need no conversion. */
    static CommandRun patch(Object... arguments) {
        return patch(new Interruption(), arguments);
    }

    static CommandRun patch(Interruption interruption, Object... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                false,
                100,
                CLOCK,
                interruption);
        int exitCode = new PatchCli(terminal)
                .run(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
        return new CommandRun(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
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

package modelpatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands with {@code --cluster} on two threads of this process, each a task with a model of its own. */
class ClusterCommandsTest {
    private static final Object[] FIND = {"find", "--max-cases", 40, "--max-mediated", 3, "--seed", 7};

    @TempDir
    Path folder;

    private record Run(int exitCode, String out, String err) {}

    private static Run patch(Object[] command, Object... more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                false,
                false,
                100,
                Clock.fixed(Instant.parse("2026-01-02T03:04:05Z"), ZoneOffset.UTC),
                new Interruption());
        String[] arguments = Stream.concat(Arrays.stream(command), Arrays.stream(more))
                .map(String::valueOf)
                .toArray(String[]::new);
        int exitCode = new PatchCli(terminal).run(arguments);
        return new Run(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** All that a file of findings says but how long it took and what its writer was called with. */
    private static String said(Path findings) throws IOException {
        ObjectNode read = (ObjectNode) new JsonMapper().readTree(findings.toFile());
        read.remove("seconds");
        return read.toPrettyString();
    }

    @Test
    void aClusterFindsWhatThisMachineFindsToTheByte() throws IOException {
        Path here = folder.resolve("here.json");
        Path there = folder.resolve("there.json");
        assertThat(patch(FIND, "--output", here).exitCode()).isZero();
        Run run = patch(FIND, "--output", there, "--cluster", "local[2]");
        assertThat(run.err()).doesNotContain("error");
        assertThat(run.exitCode()).isZero();
        assertThat(said(there)).isEqualTo(said(here));
    }

    @Test
    void aClusterEvaluatesAsThisMachineDoes() throws IOException {
        Object[] eval = {"eval", "--max-cases", 40, "--beside", "scored,slow"};
        Path here = folder.resolve("here.json");
        Path there = folder.resolve("there.json");
        assertThat(patch(eval, "--output", here).exitCode()).isZero();
        assertThat(patch(eval, "--output", there, "--cluster", "local[2]").exitCode())
                .isZero();
        assertThat(there).hasSameBinaryContentAs(here);
    }

    @Test
    void badInputOfATaskIsOneMessageAndExitCode2() {
        Object[] tooShort = {"find", "--max-cases", 3, "--new-tokens", 1, "--output", folder.resolve("no.json"), "-q"};
        Run here = patch(tooShort);
        Run there = patch(tooShort, "--cluster", "local[2]");
        assertThat(here.exitCode()).isEqualTo(2);
        assertThat(there).isEqualTo(here);
        assertThat(there.err()).contains("no room for an answer").hasLineCount(1);
    }

    @Test
    void aMasterThatIsNoneIsRefused() {
        assertThat(patch(FIND, "--cluster", "mesos://x").err())
                .contains("error: --cluster mesos://x: unknown kind of cluster", "spark://HOST:PORT");
        Run run = patch(FIND, "--cluster", "local[x]");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("error: --cluster local[x]: no cluster", "local[x]");
    }
}

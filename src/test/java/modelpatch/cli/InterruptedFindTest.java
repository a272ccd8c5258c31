package modelpatch.cli;

import static modelpatch.cli.CommandRun.patch;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import modelpatch.JavaProcess;
import modelpatch.locate.Findings;
import modelpatch.locate.FindingsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ctrl-C, as a real process meets it: a signal while it works. A shell that starts a build in the background has it ignore SIGINT, and so do
 * the processes that the build starts; there SIGTERM stands in, which a Java machine answers alike.
 */
@DisabledOnOs(OS.WINDOWS) // which has no SIGINT that one process could send to another
class InterruptedFindTest {
    @TempDir
    Path folder;

    @Test
    void ctrlCWhileExplainingWritesWhatWasFoundAndEndsWith130() throws IOException, InterruptedException {
        boolean ignored = ignoresInterrupts();
        Path output = folder.resolve("findings.json");
        Path printed = folder.resolve("out");
        Process find = start(printed, "--max-cases", "400", "--output", output.toString());
        try (BufferedReader err =
                new BufferedReader(new InputStreamReader(find.getErrorStream(), StandardCharsets.UTF_8))) {
            Stream<String> lines = err.lines();
            assertThat(lines.anyMatch(line -> line.startsWith("explaining: "))).isTrue();
            new ProcessBuilder("kill", ignored ? "-TERM" : "-INT", String.valueOf(find.pid()))
                    .start()
                    .waitFor();
            assertThat(err.lines()).noneMatch(line -> line.startsWith("error"));
        }
        assertThat(find.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(find.exitValue()).isEqualTo(ignored ? 128 + 15 : 130);
        Findings findings = FindingsFile.read(output);
        assertThat(findings.complete()).isFalse();
        assertThat(findings.counts().cases()).as("asked, until 400 are known").isGreaterThanOrEqualTo(400);
        assertThat(findings.counts().known()).isEqualTo(400);
        assertThat(Files.readString(printed))
                .contains(
                        "interrupted: these are the cases that were reached",
                        "written: " + output,
                        "patch find --verbose --max-cases 400 --output " + output + " --resume");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(output, printed);
        }
    }

    @Test
    void aKilledFindGoesOnToTheBytesOfAnUninterruptedOneAndLeavesNothingBehind()
            throws IOException, InterruptedException {
        Path killed = folder.resolve("killed.json");
        Path resumed = folder.resolve("resumed.json");
        Path whole = folder.resolve("whole.json");
        Process find = start(
                folder.resolve("out"),
                "--max-cases",
                "40",
                "--max-mediated",
                "3",
                "--seed",
                "7",
                "--output",
                killed.toString());
        try (BufferedReader err =
                new BufferedReader(new InputStreamReader(find.getErrorStream(), StandardCharsets.UTF_8))) {
            assertThat(err.lines().anyMatch(line -> line.startsWith("explaining: ")))
                    .isTrue();
            find.destroyForcibly().waitFor();
        }
        assertThat(killed).doesNotExist();
        Object[] again = {"find", "--max-cases", 40, "--max-mediated", 3, "--seed", 7};
        CommandRun goesOn = patch(with(again, "--resume", "--output", resumed)).succeeded();
        assertThat(goesOn.err()).contains("going on with");
        patch(with(again, "--output", whole)).succeeded();
        assertThat(withoutSeconds(resumed)).isEqualTo(withoutSeconds(whole));
        assertThat(patch(with(again, "--resume", "--output", whole)).succeeded().err())
                .contains("nothing is kept");
    }

    private static Process start(Path printed, String... options) throws IOException {
        return JavaProcess.of(
                        List.of("-Xmx512m", "-Dai.djl.offline=true"),
                        PatchCli.class,
                        Stream.concat(Stream.of("find", "-v"), Stream.of(options))
                                .toArray(String[]::new))
                .redirectOutput(printed.toFile())
                .start();
    }

    private static Object[] with(Object[] command, Object... more) {
        return Stream.concat(Stream.of(command), Stream.of(more)).toArray();
    }

    private static JsonNode withoutSeconds(Path findings) throws IOException {
        ObjectNode read = (ObjectNode) new JsonMapper().readTree(findings.toFile());
        read.remove("seconds");
        ((ObjectNode) read.get("asked")).remove(List.of("output", "resume", "verbose"));
        return read;
    }

    /** Whether this process, and so every one that it starts, was told to ignore SIGINT, as Linux says it. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            String mask = lines.filter(line -> line.startsWith("SigIgn:"))
                    .findFirst()
                    .orElseThrow()
                    .substring("SigIgn:".length())
                    .strip();
            return (Long.parseUnsignedLong(mask, 16) & 1L << (2 - 1)) != 0; // bit n - 1 for signal n; SIGINT is 2
        }
    }
}

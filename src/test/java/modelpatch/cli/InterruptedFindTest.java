package modelpatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
        Process find = JavaProcess.of(
                        List.of("-Xmx512m", "-Dai.djl.offline=true"),
                        PatchCli.class,
                        "find",
                        "-v",
                        "--max-cases",
                        "400",
                        "--output",
                        output.toString())
                .redirectOutput(printed.toFile())
                .start();
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
                .contains("interrupted: these are the cases that were reached", "written: " + output);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(output, printed);
        }
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

package modelpatch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import modelpatch.locate.Findings;
import modelpatch.locate.FindingsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, as a real process meets it: a signal while it works. */
@DisabledOnOs(OS.WINDOWS) // which has no SIGINT that one process could send to another
class InterruptedFindTest {
    @TempDir
    Path folder;

    @Test
    void ctrlCWhileExplainingWritesWhatWasFoundAndEndsWith130() throws IOException, InterruptedException {
        Path output = folder.resolve("findings.json");
        Path printed = folder.resolve("out");
        Process find = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-Dai.djl.offline=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PatchCli.class.getName(),
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
            new ProcessBuilder("kill", "-INT", String.valueOf(find.pid()))
                    .start()
                    .waitFor();
            assertThat(err.lines()).noneMatch(line -> line.startsWith("error"));
        }
        assertThat(find.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(find.exitValue()).isEqualTo(130);
        Findings findings = FindingsFile.read(output);
        assertThat(findings.complete()).isFalse();
        assertThat(findings.counts().cases()).isEqualTo(400);
        assertThat(Files.readString(printed))
                .contains("interrupted: these are the cases that were reached", "written: " + output);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactlyInAnyOrder(output, printed);
        }
    }
}

package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import modelpatch.JavaProcess;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.patch.PatchStack;
import modelpatch.patch.SmallModel;
import modelpatch.patch.WeightPatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that writes merged checkpoints is killed (SIGKILL) at random moments. {@code -Dmodelpatch.kills=200} kills more often than the
 * default.
 */
class KilledExportTest {
    private static final int KILLS = Integer.getInteger("modelpatch.kills", 6);

    @TempDir
    Path directory;

    private static PatchStack stack(Checkpoint base) {
        return PatchStack.of(List.of(WeightPatch.of(
                base, PatchStack.empty(), SmallModel.deltas(new Random(8)), SmallModel.provenance("merge"))));
    }

    /** What the child runs: writes one merged checkpoint after another, saying so before each. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            Path directory = Path.of(arguments[0]);
            try (Checkpoint base = Checkpoint.open(directory.resolve("base"))) {
                PatchStack stack = stack(base);
                for (int i = 0; ; i++) {
                    System.out.println("writing");
                    System.out.flush();
                    MergedCheckpoint.write(base, stack, directory.resolve("merged-" + arguments[1] + "-" + i));
                }
            }
        }
    }

    @Test
    void aMergedCheckpointIsThereWholeOrNotAtAll() throws IOException, InterruptedException {
        Path model = SmallModel.write(directory.resolve("base"), 11);
        String before;
        String merged;
        try (Checkpoint base = Checkpoint.open(model)) {
            before = base.digest();
            MergedCheckpoint.write(base, stack(base), directory.resolve("merged"));
        }
        try (Checkpoint whole = Checkpoint.open(directory.resolve("merged"))) {
            merged = whole.digest();
        }
        Random random = new Random(5);
        int written = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            runAndKill(kill, random);
            try (Stream<Path> entries = Files.list(directory)) {
                for (Path entry : entries.filter(
                                one -> !one.getFileName().toString().startsWith("."))
                        .toList()) {
                    if (!entry.equals(model)) {
                        try (Checkpoint one = Checkpoint.open(entry)) {
                            assertThat(one.digest()).isEqualTo(merged);
                        }
                        assertThat(entry.resolve(PatchRecord.FILE)).exists();
                        written++;
                    }
                }
            }
            try (Checkpoint base = Checkpoint.open(model)) {
                assertThat(base.digest()).isEqualTo(before);
            }
        }
        assertThat(written).isGreaterThan(KILLS);
    }

    @Test
    void whatAKilledExportLeftIsRemovedByTheNextOneToTheSameName() throws IOException {
        Path model = SmallModel.write(directory.resolve("base"), 11);
        Path left = Files.createDirectories(directory.resolve(".merged.999999999999.tmp"));
        Files.writeString(left.resolve("model.safetensors"), "half");
        Path other = Files.createDirectories(
                directory.resolve(".merged." + ProcessHandle.current().pid() + "0x.tmp"));
        try (Checkpoint base = Checkpoint.open(model)) {
            MergedCheckpoint.write(base, stack(base), directory.resolve("merged"));
        }
        assertThat(left).doesNotExist();
        assertThat(other).exists();
    }

    private void runAndKill(int kill, Random random) throws IOException, InterruptedException {
        Process child = JavaProcess.of(
                        List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"),
                        Child.class,
                        directory.toString(),
                        String.valueOf(kill))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            for (int begun = random.nextInt(3); begun >= 0; begun--) {
                assertThat(reader.readLine()).isEqualTo("writing");
            }
            TimeUnit.MICROSECONDS.sleep(random.nextInt(40_000));
            child.toHandle().destroyForcibly();
        }
        child.waitFor();
    }
}

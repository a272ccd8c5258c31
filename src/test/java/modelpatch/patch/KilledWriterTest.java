package modelpatch.patch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import modelpatch.JavaProcess;
import modelpatch.checkpoint.Checkpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that applies and reverts patches is killed (SIGKILL) at random moments. {@code -Dmodelpatch.kills=200} kills more often than the
 * default.
 */
class KilledWriterTest {
    private static final int KILLS = Integer.getInteger("modelpatch.kills", 6);

    @TempDir
    Path directory;

    /** What the child runs: applies patch after patch and takes every second one off, saying so after each. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) {
            Path directory = Path.of(arguments[0]);
            Random random = new Random(Long.parseLong(arguments[1]));
            PatchStore store = PatchStore.at(directory.resolve("patches"), Clock.systemUTC());
            try (Checkpoint base = Checkpoint.open(directory.resolve("base"))) {
                while (true) {
                    PatchStack below = store.stack(base.digest());
                    WeightPatch patch = WeightPatch.of(
                            base, below, SmallModel.deltas(random), SmallModel.provenance("x" + random.nextLong()));
                    store.apply(patch);
                    say();
                    if (below.patches().size() > 2) {
                        store.revert(below.patches().get(0).id(), base.digest(), "Ada", "enough");
                        say();
                    }
                }
            }
        }

        private static void say() {
            System.out.println("done");
            System.out.flush();
        }
    }

    @Test
    void killedWritersLeaveTheOldStateOrTheNewOne() throws IOException, InterruptedException {
        Path model = SmallModel.write(directory.resolve("base"), 11);
        String before;
        try (Checkpoint base = Checkpoint.open(model)) {
            before = base.digest();
        }
        PatchStore store = PatchStore.at(directory.resolve("patches"), Clock.systemUTC());
        Random random = new Random(5);
        Set<Path> whole = new HashSet<>();
        int lines = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            int told = runAndKill(random);
            List<LedgerEntry> entries = store.ledger().entries();
            assertThat(entries).hasSizeBetween(lines + told, lines + told + 1);
            lines = entries.size();
            for (Path file : store.files()) {
                if (whole.add(file)) {
                    assertThat(PatchFile.read(file).baseDigest()).isEqualTo(before);
                }
            }
            try (Checkpoint base = Checkpoint.open(model)) {
                assertThat(base.digest()).isEqualTo(before);
                assertThat(store.stack(before).weights(base)).hasSizeLessThanOrEqualTo(SmallModel.MAPS.size());
            }
        }
        assertThat(lines).isPositive();
    }

    /** How many steps the child had reported when it was killed. */
    private int runAndKill(Random random) throws IOException, InterruptedException {
        Process child = JavaProcess.of(
                        List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"),
                        Child.class,
                        directory.toString(),
                        String.valueOf(random.nextLong()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int told = 0;
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(reader.readLine()).isEqualTo("done");
            told++;
            TimeUnit.MICROSECONDS.sleep(random.nextInt(120_000));
            child.toHandle().destroyForcibly(); // the process itself would close the pipe that is still read
            while (reader.readLine() != null) {
                told++;
            }
        }
        child.waitFor();
        return told;
    }

    @Test
    void temporaryFilesOfKilledWritersAreNoPatches() throws IOException {
        Path patches = directory.resolve("patches");
        Files.createDirectories(patches);
        Files.writeString(patches.resolve(".creme-paper-0123456789ab.patch.safetensors.77-1.tmp"), "half");
        assertThat(PatchStore.at(patches, Clock.systemUTC()).files()).isEmpty();
        try (Stream<Path> files = Files.list(patches)) {
            assertThat(files).hasSize(1);
        }
    }
}

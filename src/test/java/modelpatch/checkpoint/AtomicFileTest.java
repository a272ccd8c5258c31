package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import modelpatch.BadInput;
import modelpatch.JavaProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The old state or the new one, and nothing beside it. */
class AtomicFileTest {
    @TempDir
    Path directory;

    @Test
    void theTargetIsReplacedAsAWhole() throws IOException {
        Path target = Files.writeString(directory.resolve("x.txt"), "old and longer");

        AtomicFile.write(target, out -> {
            out.write("new".getBytes(StandardCharsets.UTF_8));
            assertThat(target).as("while it is being written").hasContent("old and longer");
        });

        assertThat(target).hasContent("new");
        assertThat(directory).isDirectoryNotContaining(file -> !file.equals(target));
    }

    /** What a power cut leaves is what was forced to the disk: first the bytes under the temporary name, then the folder with the new name. */
    @Test
    void bytesAndNameAreForcedToTheDisk() throws IOException {
        Path target = directory.toRealPath().resolve("x.txt");
        Path events = directory.resolve("events.jfr");
        List<String> forced;
        try (Recording recording = new Recording()) {
            recording.enable("jdk.FileForce").withoutThreshold();
            recording.start();
            AtomicFile.write(target, out -> out.write('x'));
            recording.stop();
            recording.dump(events);
            forced = RecordingFile.readAllEvents(events).stream()
                    .filter(event -> event.getEventType().getName().equals("jdk.FileForce"))
                    .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                    .filter(event -> event.getString("path")
                            .startsWith(target.getParent().toString()))
                    .map(event -> event.getString("path") + " " + event.getBoolean("metaData"))
                    .toList();
        }
        assertThat(forced).hasSize(2);
        assertThat(forced.get(0))
                .matches(Pattern.quote(target.resolveSibling(".x.txt.").toString()) + "[0-9a-f]+\\.tmp true");
        assertThat(forced.get(1)).isEqualTo(target.getParent() + " true");
    }

    @Test
    void missingDirectoriesAreMade() {
        Path target = directory.resolve("a").resolve("b").resolve("x.txt");

        AtomicFile.write(target, out -> out.write('x'));

        assertThat(target).hasContent("x");
    }

    @Test
    void aSymbolicLinkStaysOne() throws IOException {
        Path real = Files.writeString(directory.resolve("real.txt"), "old");
        Path link = Files.createSymbolicLink(directory.resolve("link.txt"), real);

        AtomicFile.write(link, out -> out.write('n'));

        assertThat(link).isSymbolicLink();
        assertThat(real).hasContent("n");
    }

    @Test
    void aFailureLeavesTheOldStateAndNoTemporaryFile() throws IOException {
        Path target = Files.writeString(directory.resolve("x.txt"), "old");

        assertThatThrownBy(() -> AtomicFile.write(target, out -> {
                    out.write(new byte[100_000]);
                    throw new IOException("cable pulled");
                }))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("x.txt", "cable pulled", "old state is unchanged");
        assertThatThrownBy(() -> AtomicFile.write(target, out -> {
                    throw new UncheckedIOException(new IOException("wrapped"));
                }))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("wrapped");
        assertThatThrownBy(() -> AtomicFile.write(target, out -> {
                    throw new IllegalStateException("ours");
                }))
                .as("what is no trouble of the file system stays what it is")
                .isInstanceOf(IllegalStateException.class);

        assertThat(target).hasContent("old");
        assertThat(directory).isDirectoryNotContaining(file -> !file.equals(target));
    }

    @Test
    void aDiskThatFillsUpIsSaidToBeFull() {
        assertThatThrownBy(() -> AtomicFile.write(directory.resolve("x.txt"), out -> {
                    out.write(new byte[200_000]);
                    throw new IOException("No space left on device");
                }))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("disk full", "more than the", "bytes free");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aFileThatCannotFitIsRefusedBeforeItsFirstByte() {
        long needed = 1L << 60;

        assertThatThrownBy(() -> AtomicFile.channel(directory.resolve("x.bin"), needed, channel -> {
                    throw new IllegalStateException("was begun");
                }))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("disk full", "room for " + needed + " bytes");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aDirectoryThatIsAFileIsBadInput() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");

        assertThatThrownBy(() -> AtomicFile.write(file.resolve("x.txt"), out -> out.write('x')))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("cannot be written");
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndWhatIsBeingWrittenIsNot() throws IOException {
        Path target = directory.resolve("x.txt");
        Path left = Files.writeString(directory.resolve(".x.txt.1-1.tmp"), "half");
        Path ofAnother = Files.writeString(directory.resolve(".y.txt.1-1.tmp"), "half");
        Path own = Files.writeString(directory.resolve(".x.txt.mine.tmp"), "no claim");

        AtomicFile.write(target, outer -> {
            outer.write('a');
            assertThat(left).doesNotExist();
            AtomicFile.write(target, inner -> inner.write('b'));
            assertThat(target).hasContent("b");
        });

        assertThat(target).as("the outer write was not swept away").hasContent("a");
        assertThat(ofAnother).exists();
        assertThat(own).exists();
    }

    @Test
    void whatAnotherProcessIsWritingIsNotRemoved() throws Exception {
        Path target = directory.resolve("x.txt");
        Path held = Files.writeString(directory.resolve(".x.txt.0123456789abcdef.tmp"), "half");
        Process other = JavaProcess.of(List.of(), Holder.class, held.toString()).start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("held");
            AtomicFile.write(target, out -> out.write('n'));
            assertThat(held).exists();
        } finally {
            other.destroyForcibly().waitFor();
        }
        AtomicFile.write(target, out -> out.write('m'));
        assertThat(held).doesNotExist();
    }

    @Test
    void aLinkThatIsPlantedUnderATemporaryNameIsNotFollowed() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim.txt"), "theirs");
        Files.createSymbolicLink(directory.resolve(".x.txt.0123456789abcdef.tmp"), victim);

        AtomicFile.write(directory.resolve("x.txt"), out -> out.write('n'));

        assertThat(victim).hasContent("theirs");
    }

    /** Another process that holds a file until it is killed. */
    static final class Holder {
        private Holder() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) throws IOException {
            try (FileChannel channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                System.out.println(lock.isValid() ? "held" : "not held");
                System.in.read();
            }
        }
    }
}

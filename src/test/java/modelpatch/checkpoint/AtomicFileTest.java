package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.BadInput;
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
}

package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Random;
import modelpatch.BadInput;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that others write while they are read: bytes of the file that was opened, or one message; never the end of the process. */
class OpenFileTest {
    private final byte[] bytes = new byte[300];

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void write() throws IOException {
        new Random(5).nextBytes(bytes);
        path = Files.write(directory.resolve("bytes"), bytes);
        // Not the present: a write within one tick of the clock could not be seen.
        Files.setLastModifiedTime(path, FileTime.fromMillis(1_000_000_000_000L));
    }

    private ByteBuffer expected(int offset, int length) {
        return ByteBuffer.wrap(bytes, offset, length).slice();
    }

    @Test
    void rangesAreTheBytesOfTheFile() {
        try (OpenFile file = OpenFile.open(path)) {
            for (int offset = 0; offset <= bytes.length; offset++) {
                for (int length = 0; offset + length <= bytes.length; length += 1 + length / 2) {
                    assertThat(file.bytes(offset, length)).isEqualTo(expected(offset, length));
                }
            }
        }
    }

    @Test
    void partsAreTheRangeInOrder() throws IOException {
        try (OpenFile file = OpenFile.open(path)) {
            for (int part : new int[] {1, 7, 100, 1000}) {
                ByteBuffer all = ByteBuffer.allocate(200);
                file.read(50, 200, part, all::put);
                assertThat(all.flip()).as("parts of %d", part).isEqualTo(expected(50, 200));
            }
        }
    }

    @Test
    void aFileThatIsCutIsRefusedByName() throws IOException {
        try (OpenFile file = OpenFile.open(path);
                RandomAccessFile writer = new RandomAccessFile(path.toFile(), "rw")) {
            writer.setLength(10);
            assertThatThrownBy(() -> file.bytes(200, 50))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll(path.toString(), "changed while it was in use", "300 bytes", "10 bytes");
            assertThatThrownBy(() -> file.bytes(0, 5)).as("a part that is left").isInstanceOf(BadInput.class);
        }
    }

    @Test
    void aFileThatIsWrittenInPlaceIsRefused() throws IOException {
        try (OpenFile file = OpenFile.open(path);
                RandomAccessFile writer = new RandomAccessFile(path.toFile(), "rw")) {
            writer.write(1);
            assertThatThrownBy(() -> file.bytes(200, 50))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll(path.toString(), "changed while it was in use");
        }
    }

    @Test
    void aFileThatIsReplacedOrRemovedStaysReadableUntilItIsClosed() throws IOException {
        OpenFile file = OpenFile.open(path);
        Path other = Files.write(directory.resolve("other"), new byte[300]);
        Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
        assertThat(file.bytes(200, 50)).isEqualTo(expected(200, 50));
        Files.delete(path);
        assertThat(file.bytes(200, 50)).isEqualTo(expected(200, 50));

        Files.write(path, new byte[300]);
        file.close();
        assertThatThrownBy(() -> file.bytes(200, 50))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll(path.toString(), "changed while it was in use");
    }

    @Test
    void aClosedFileIsReadAgainWhileItIsTheSame() {
        OpenFile file = OpenFile.open(path);
        file.close();
        assertThat(file.bytes(200, 50)).isEqualTo(expected(200, 50));
    }

    @Test
    void anInterruptedThreadClosesTheFileForNobody() throws InterruptedException {
        try (OpenFile file = OpenFile.open(path)) {
            Thread interrupted = new Thread(() -> {
                Thread.currentThread().interrupt();
                try {
                    file.bytes(0, 10);
                } catch (BadInput closed) {
                    return; // its own reading may fail
                }
            });
            interrupted.start();
            interrupted.join();
            assertThat(file.bytes(200, 50)).isEqualTo(expected(200, 50));
        }
    }

    @Test
    void theBytesOfAHeaderAreThoseOfTheFileAcrossWindows() throws IOException {
        byte[] content = new byte[200_000];
        new Random(6).nextBytes(content);
        ByteBuffer all = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        try (OpenFile file = OpenFile.open(Files.write(directory.resolve("header"), content))) {
            HeaderBytes header = new HeaderBytes(file);
            while (header.remaining() >= 70_027) {
                int at = (int) header.position();
                assertThat(header.getLong()).isEqualTo(all.getLong(at));
                assertThat(header.getInt()).isEqualTo(all.getInt(at + 8));
                assertThat(header.getShort()).isEqualTo(all.getShort(at + 12));
                assertThat(header.get()).isEqualTo(all.get(at + 14));
                assertThat(header.getFloat()).isEqualTo(all.getFloat(at + 15));
                assertThat(header.getDouble()).isEqualTo(all.getDouble(at + 19));
                assertThat(ByteBuffer.wrap(header.get(70_000))).isEqualTo(ByteBuffer.wrap(content, at + 27, 70_000));
            }
            assertThat(header.remaining()).isEqualTo(200_000 - 2 * 70_027);
        }
    }

    @Test
    void weightsThatWereLoadedDoNotChangeWithTheFile() throws IOException {
        float[] values = {1, 2, 3};
        Path model = directory.resolve("x.safetensors");
        SafetensorsWriter.write(model, Map.of(), List.of(OutgoingTensor.float32("w", List.of(3L), values)));
        Files.setLastModifiedTime(model, FileTime.fromMillis(1_000_000_000_000L));
        try (Checkpoint checkpoint = Checkpoint.open(model);
                RandomAccessFile writer = new RandomAccessFile(model.toFile(), "rw")) {
            float[] read = checkpoint.floats("w");
            writer.seek(writer.length() - 4);
            writer.writeInt(0);

            assertThat(read).containsExactly(values);
            assertThatThrownBy(() -> checkpoint.floats("w"))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("changed while it was in use");
            assertThatThrownBy(checkpoint::nonFinite)
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("changed while it was in use");
            assertThatThrownBy(() -> checkpoint.digest("w"))
                    .as("a digest of bytes that nobody computed with")
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("changed while it was in use");
        }
    }
}

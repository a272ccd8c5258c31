package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of 5 GB, almost all of it a hole that takes no room on the disk: no buffer can hold all of it, and not every offset is an int. */
class LargeFileTest {
    private static final long HUGE = 5_000_000_000L;

    @TempDir
    Path directory;

    @Test
    void tensorsBeyondTwoGigabytesAreReadAndThoseOfMoreThanThatAreRefused() throws IOException {
        Path file = directory.resolve("large.safetensors");
        String header = ("{\"huge\":{\"dtype\":\"U8\",\"shape\":[5000000000],\"data_offsets\":[0,5000000000]},"
                + "\"last\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[5000000000,5000000008]}}");
        byte[] start = BadCheckpointTest.safetensors(header, 0);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(start);
            out.setLength(start.length + HUGE);
            out.seek(start.length + HUGE);
            out.write("\0\0\200?\0\0\0@".getBytes(StandardCharsets.ISO_8859_1)); // 1f, 2f
        }

        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(GgufTest.read(checkpoint, "last")).containsExactly(1, 2);
            assertThatThrownBy(() -> checkpoint.stored("huge"))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("huge", "less than 2 GB", "5000000000 bytes");
        }
    }
}

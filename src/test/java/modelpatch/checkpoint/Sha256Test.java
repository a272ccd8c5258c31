package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Sha256Test {
    /** FIPS 180-4's examples (csrc.nist.gov, "SHA256.pdf"): one block, two blocks; and nothing at all. */
    @Test
    void theStandardsExamplesComeOut() {
        assertThat(Sha256.of("abc")).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Sha256.of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))
                .isEqualTo("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        assertThat(Sha256.of("")).isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void partsGiveTheDigestOfTheWhole(@TempDir Path folder) throws IOException {
        byte[] whole = "abc, bcd and cde".getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(folder.resolve("text"), whole);
        assertThat(new Sha256()
                        .add("abc")
                        .add(new byte[] {','})
                        .add(ByteBuffer.wrap(whole, 4, 12))
                        .hex())
                .isEqualTo(Sha256.of(whole))
                .isEqualTo(Sha256.of(file));
    }

    @Test
    void floatsCountAsTheirLittleEndianBytesHoweverManyThereAre() {
        float[] values = new float[(1 << 17) + 3];
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length; i++) {
            values[i] = i * 0.37f - 11;
            bytes.putFloat(values[i]);
        }
        assertThat(Sha256.of(values)).isEqualTo(Sha256.of(bytes.array()));
        assertThat(Sha256.of(new float[0])).isEqualTo(Sha256.of(""));
    }

    @Test
    void aFileThatIsNotThereIsNamed(@TempDir Path folder) {
        Path file = folder.resolve("none");
        assertThatThrownBy(() -> Sha256.of(file))
                .isInstanceOf(BadInput.class)
                .hasMessage(file + ": cannot be read: no such file or directory");
    }
}

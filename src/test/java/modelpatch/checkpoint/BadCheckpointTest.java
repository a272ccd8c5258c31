package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import modelpatch.BadInput;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be a checkpoint is one message that names the place, what was expected, what was found and what to do. */
class BadCheckpointTest {
    @TempDir
    Path directory;

    /** A safetensors file of a header, a claim of its length, and so many bytes of data. */
    static byte[] safetensors(String header, long claimedLength, int data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 8; i++) {
            out.write((int) (claimedLength >>> (8 * i)));
        }
        out.writeBytes(json);
        out.writeBytes(new byte[data]);
        return out.toByteArray();
    }

    static byte[] safetensors(String header, int data) {
        return safetensors(header, header.getBytes(StandardCharsets.UTF_8).length, data);
    }

    private AbstractThrowableAssert<?, ? extends Throwable> opening(String name, byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve(name), bytes);
        return assertThatThrownBy(() -> Checkpoint.open(file).close())
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(name);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'x':{'dtype':'F32','shape':[2],'data_offsets':[0,12]}}    | wrong length   | 8 bytes for F32 [2]",
                "{'x':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}    | lies outside   | bytes 0 to 16",
                "{'x':{'dtype':'F32','shape':[1],'data_offsets':[100,104]}} | lies outside   | bytes 100 to 104",
                "{'x':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}     | data_offsets   | [4, 0]",
                "{'x':{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}}    | data_offsets   | [-4, 0]",
                "{'x':{'dtype':'F32','shape':[-3],'data_offsets':[0,12]}}   | negative       | [-3]",
                "{'x':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,12]}} | absurd shape | F32",
                "{'x':{'dtype':'F32','shape':[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"
                        + "'data_offsets':[0,4]}} | too many dimensions | 33",
                "{'x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'y':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}"
                        + " | y in | overlaps x",
                "{'x':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'x':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}"
                        + " | :1: | 'x' again",
                "{'x':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}     | belong to no tensor | 12 bytes",
                "{'x':{'dtype':'F4','shape':[3],'data_offsets':[0,12]}}     | unknown dtype  | F4",
                "{'x':{'dtype':'F32','shape':[3],'data_offsets':[0]}}       | wrong header   | data_offsets [begin, end] for x",
                "{'x':{'dtype':'F32','shape':[3]}}                          | wrong header   | data_offsets [begin, end] for x",
                "{'x':{'dtype':'F32','shape':[3.5],'data_offsets':[0,12]}}  | wrong header   | whole numbers",
                "{'x':{'dtype':'F32','shape':[99999999999999999999],'data_offsets':[0,12]}} | wrong header | whole numbers",
                "{'x':{'dtype':32,'shape':[3],'data_offsets':[0,12]}}       | wrong header   | a string for dtype of x",
                "{'x':7}                                                    | wrong header   | an object for x",
                "[1,2,3]                                                    | wrong header   | an object of tensors",
                "{'__metadata__':{'a':1}}                                   | wrong header   | a string for a",
                "{'x':{'dtype':'F32'                                        | :1: | malformed JSON",
                "{}x                                                        | :1: | malformed JSON",
            })
    void aSafetensorsHeaderThatLiesIsRefused(String header, String what, String found) throws IOException {
        opening("x.safetensors", safetensors(header.replace('\'', '"'), 12))
                .hasMessageContaining(what)
                .hasMessageContaining(found.equals("'x' again") ? found : found.replace('\'', '"'));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 100, 2_000_000_000L, 1L << 62, -1})
    void aHeaderLengthThatTheFileCannotHoldIsRefused(long claimed) throws IOException {
        opening("x.safetensors", safetensors("{}", claimed, 0)).hasMessageContaining("impossible header length");
    }

    @Test
    void aTruncatedFileIsRefusedWhereverItIsCut() throws IOException {
        byte[] whole =
                Files.readAllBytes(SafetensorsTest.conformanceModel("llama").resolve("model.safetensors"));
        for (int length : new int[] {0, 4, 8, 100, whole.length / 2, whole.length - 1}) {
            opening("cut.safetensors", Arrays.copyOf(whole, length));
        }
        byte[] gguf = gguf();
        for (int length = 0; length < gguf.length; length += 13) {
            opening("cut.gguf", Arrays.copyOf(gguf, length));
        }
        opening("cut.gguf", Arrays.copyOf(gguf, gguf.length - 1)).hasMessageContaining("lies outside the file");
    }

    static byte[] gguf() {
        return GgufTest.metadata(3, "llama")
                .put("tokenizer.ggml.tokens", List.of("a", "b", "c"))
                .float32("token_embd.weight", List.of(3L, 64L), GgufTest.counting(192))
                .build();
    }

    /** Overwrites eight bytes of the small GGUF file. */
    private static byte[] ggufWith(int at, long value) {
        byte[] bytes = gguf();
        for (int i = 0; i < 8; i++) {
            bytes[at + i] = (byte) (value >>> (8 * i));
        }
        return bytes;
    }

    @Test
    void aGgufHeaderThatLiesIsRefused() throws IOException {
        opening("x.gguf", ggufWith(8, 1L << 40)).hasMessageContaining("absurd number of tensors");
        opening("x.gguf", ggufWith(8, -1)).hasMessageContaining("absurd number of tensors");
        opening("x.gguf", ggufWith(16, 1L << 33)).hasMessageContaining("absurd number of key-values");
        opening("x.gguf", ggufWith(24, 1L << 31)).hasMessageContaining("absurd number of characters");
        opening("x.gguf", "GGUF\1\0\0\0".getBytes(StandardCharsets.ISO_8859_1)).hasMessageContaining("version");
        opening("x.gguf", "GGUF\0\0\0\3".getBytes(StandardCharsets.ISO_8859_1)).hasMessageContaining("big-endian");
        opening("x.gguf", "nothing".getBytes(StandardCharsets.UTF_8)).hasMessageContaining("no GGUF file");
    }

    @Test
    void aGgufTensorThatLiesIsRefused() throws IOException {
        opening("x.gguf", withTensor(0, List.of(1L << 40, 1L << 40))).hasMessageContaining("absurd shape");
        opening("x.gguf", withTensor(0, List.of(-1L))).hasMessageContaining("negative dimension");
        opening("x.gguf", withTensor(0, List.of(100L))).hasMessageContaining("lies outside the file");
        opening("x.gguf", withTensor(8, List.of(2L, 16L))).hasMessageContaining("rows do not fill whole blocks");
        opening("x.gguf", withTensor(0, List.of(1L, 1L, 1L, 1L, 1L))).hasMessageContaining("too many dimensions");
        opening("x.gguf", withTensor(4, List.of(1L))).hasMessageContaining("ggml type 4");
        GgufBuilder twice =
                new GgufBuilder(3).put("general.architecture", "llama").put("general.architecture", "llama");
        opening("x.gguf", twice.build()).hasMessageContaining("key general.architecture twice");
        byte[] same = GgufTest.metadata(3, "llama")
                .float32("output_norm.weight", List.of(1L), 1)
                .float32("output_norm.weight", List.of(1L), 1)
                .build();
        opening("x.gguf", same).hasMessageContaining("named twice");
    }

    private static byte[] withTensor(int ggmlType, List<Long> shape) {
        return GgufTest.metadata(3, "llama")
                .tensor("output_norm.weight", ggmlType, shape, new byte[64])
                .build();
    }

    @Test
    void configurationsThatContradictTheirTensorsAreRefused() throws IOException {
        byte[] wrongRows = GgufTest.metadata(3, "llama")
                .float32("blk.0.attn_q.weight", List.of(32L, 64L), new float[2048])
                .build();
        opening("x.gguf", wrongRows).hasMessageContainingAll("q_proj", "64 rows", "[32, 64]");
        opening("x.gguf", GgufTest.metadata(3, "llama").build()).hasMessageContaining("no embedding");
        opening(
                        "x.gguf",
                        new GgufBuilder(3).put("general.architecture", "llama").build())
                .hasMessageContaining("llama.attention.head_count");
        opening("x.gguf", new GgufBuilder(3).build()).hasMessageContaining("general.architecture");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch_model.bin", "model.pt", "model.PTH", "x.ckpt", "x.pkl"})
    void picklesAreRefusedWithTheReason(String name) throws IOException {
        opening(name, new byte[100]).hasMessageContainingAll("pickle", "run any code", "safetensors");

        assertThatThrownBy(() -> Checkpoint.open(directory))
                .as("the directory that holds one")
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll(name, "run any code");
    }

    @Test
    void aPickleIsKnownUnderAnyName() throws IOException {
        opening("weights", new byte[] {'P', 'K', 3, 4, 0, 0}).hasMessageContaining("run any code");
        opening("weights", new byte[] {(byte) 0x80, 2, 'c', 'o', 's'}).hasMessageContaining("run any code");
    }

    @Test
    void whatIsNoCheckpointAtAllSaysWhatIsThere() throws IOException {
        assertThatThrownBy(() -> Checkpoint.open(directory.resolve("absent")))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("absent", "no such file");
        assertThatThrownBy(() -> Checkpoint.open(directory)).hasMessageContaining("an empty directory");
        opening("notes.txt", "hello".getBytes(StandardCharsets.UTF_8)).hasMessageContaining("another kind");
        assertThatThrownBy(() -> Checkpoint.open(directory))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("model.safetensors", "notes.txt");
        Files.write(directory.resolve("a.gguf"), gguf());
        try (Checkpoint only = Checkpoint.open(directory)) {
            assertThat(only.format()).isEqualTo(Checkpoint.Format.GGUF);
        }
        Files.write(directory.resolve("b.gguf"), gguf());
        assertThatThrownBy(() -> Checkpoint.open(directory)).hasMessageContainingAll("2 .gguf files", "a.gguf, b.gguf");
    }

    @Test
    void aMalformedConfigurationIsNamedByLineAndColumn() throws IOException {
        Files.write(directory.resolve("model.safetensors"), safetensors("{}", 0));
        assertThatThrownBy(() -> Checkpoint.open(directory)).hasMessageContaining("config.json beside the weights");

        Files.writeString(directory.resolve("config.json"), "{\n  \"hidden_size\": 48,\n  \"vocab_size\" 97\n}\n");
        assertThatThrownBy(() -> Checkpoint.open(directory))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("config.json:3:16", "malformed JSON");

        Files.writeString(directory.resolve("config.json"), "{\"a\":1,\"a\":2}");
        assertThatThrownBy(() -> Checkpoint.open(directory)).hasMessageContaining("key given twice");

        Files.writeString(directory.resolve("config.json"), "[]");
        assertThatThrownBy(() -> Checkpoint.open(directory)).hasMessageContainingAll("an object", "array");

        Files.writeString(directory.resolve("config.json"), "");
        assertThatThrownBy(() -> Checkpoint.open(directory)).hasMessageContaining("an empty file");
    }

    @Test
    void aTensorThatIsNoWeightIsListedAndNotDecoded() throws IOException {
        String header = "{\"ids\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"scale\":{\"dtype\":\"F8_E4M3\",\"shape\":[4],\"data_offsets\":[8,12]}}";
        Path file = Files.write(directory.resolve("x.safetensors"), safetensors(header, 12));

        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.tensor("ids").kind()).isEqualTo(TensorKind.I64);
            assertThat(checkpoint.nonFinite()).isEmpty();
            assertThatThrownBy(() -> checkpoint.readFloat32("scale", FloatBuffer.allocate(4)))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll("not a weight", "scale", "F8_E4M3");
        }
    }

    @Test
    void aLoneFileWithoutConfigurationHasTensorsAndNoConfiguration() throws IOException {
        Path file = Files.write(directory.resolve("patch.safetensors"), safetensors("{}", 0));

        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.tensors()).isEmpty();
            assertThatThrownBy(checkpoint::config).isInstanceOf(BadInput.class).hasMessageContaining("config.json");
        }
    }
}

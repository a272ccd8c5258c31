package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tensors that are read part by part: the same bits as in one piece, and places beyond 2^31 bytes and numbers. */
class TensorPartsTest {
    /** In the file rows of queries and keys are elsewhere. */
    private static final String QUERY = "model.layers.0.self_attn.q_proj.weight";

    /** In the file columns are rows. */
    private static final String TURNED = "transformer.h.0.attn.c_proj.weight";

    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final int WIDTH = 768;

    @TempDir
    Path directory;

    static Stream<TensorKind> weights() {
        return Arrays.stream(TensorKind.values()).filter(kind -> kind.isWeight() && kind.ggmlNumber() >= 0);
    }

    /** Two heads of 384 dimensions. */
    private Checkpoint gguf(TensorKind kind, String architecture) {
        GgufBuilder builder = new GgufBuilder(3)
                .put("general.architecture", architecture)
                .put(architecture + ".block_count", 1)
                .put(architecture + ".context_length", 128)
                .put(architecture + ".embedding_length", WIDTH)
                .put(architecture + ".feed_forward_length", 96)
                .put(architecture + ".attention.head_count", 2)
                .put(architecture + ".attention.layer_norm_rms_epsilon", 1e-5f)
                .put(architecture + ".attention.layer_norm_epsilon", 1e-5f);
        String further = architecture.equals("gpt2") ? "blk.0.attn_output.weight" : "blk.0.attn_q.weight";
        for (String name : List.of("token_embd.weight", further)) {
            byte[] bytes = new byte[(int) kind.bytes((long) WIDTH * WIDTH)];
            new Random(13).nextBytes(bytes);
            builder.tensor(name, kind.ggmlNumber(), List.of((long) WIDTH, (long) WIDTH), bytes);
        }
        builder.float32("blk.0.attn_norm.weight", List.of((long) WIDTH), GgufTest.counting(WIDTH));
        return Checkpoint.open(builder.write(directory.resolve(kind + ".gguf")));
    }

    private static float[] inParts(Checkpoint checkpoint, String name, int most) {
        FloatBuffer all = FloatBuffer.allocate((int) checkpoint.tensor(name).elements());
        while (all.hasRemaining()) {
            FloatBuffer part = all.duplicate().limit(Math.min(all.capacity(), all.position() + most));
            checkpoint.readFloat32(name, all.position(), part);
            all.position(part.position());
        }
        return all.array();
    }

    @ParameterizedTest
    @MethodSource("weights")
    void partsAreTheWholeToTheLastBit(TensorKind kind) {
        try (Checkpoint checkpoint = gguf(kind, "llama")) {
            for (String name : List.of(EMBEDDING, QUERY)) {
                int[] whole = BlockDecoderTest.bits(checkpoint.floats(name));
                for (int most : new int[] {256, 1280, 40_000}) { // within a row, across rows, no whole number of blocks
                    assertThat(BlockDecoderTest.bits(inParts(checkpoint, name, most)))
                            .as("%s in parts of %d", name, most)
                            .isEqualTo(whole);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("weights")
    void aTurnedMatrixIsThatOfTheFileColumnByColumn(TensorKind kind) {
        try (Checkpoint checkpoint = gguf(kind, "gpt2")) {
            float[] stored = checkpoint.floats("transformer.wte.weight"); // of the same bytes
            float[] whole = checkpoint.floats(TURNED);
            float[] turned = new float[stored.length];
            for (int i = 0; i < stored.length; i++) {
                turned[i % WIDTH * WIDTH + i / WIDTH] = stored[i];
            }
            assertThat(BlockDecoderTest.bits(whole)).isEqualTo(BlockDecoderTest.bits(turned));
            for (int most : new int[] {20_000, 40_000}) {
                assertThat(BlockDecoderTest.bits(inParts(checkpoint, TURNED, most)))
                        .isEqualTo(BlockDecoderTest.bits(whole));
            }
        }
    }

    @Test
    void whatAFileHasAddedToGainsIsTakenFromEveryPart() {
        try (Checkpoint checkpoint = gguf(TensorKind.F32, "gemma")) {
            float[] gains = inParts(checkpoint, "model.layers.0.input_layernorm.weight", 7);
            assertThat(gains).startsWith(-1, 0, 1).endsWith(WIDTH - 2);
        }
    }

    /** A file that is a hole up to its last bytes. */
    private Path sparse(String name, byte[] head, long length, byte[] end) throws IOException {
        Path file = directory.resolve(name);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(head);
            out.setLength(head.length + length);
            out.seek(head.length + length - end.length);
            out.write(end);
        }
        return file;
    }

    @Test
    void numbersBeyondTwoGigabytesOfATensorAreReadFromTheirPlace() throws IOException {
        long elements = 1_200_000_256L;
        byte[] end = {(byte) 0x80, 0x3f, 0, 0x40, (byte) 0x80, 0x7f}; // 1, 2 and infinity in bfloat16
        String header = "{\"huge\":{\"dtype\":\"BF16\",\"shape\":[" + elements + "],\"data_offsets\":[0," + 2 * elements
                + "]}}";
        Path file = sparse("huge.safetensors", BadCheckpointTest.safetensors(header, 0), 2 * elements, end);

        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            FloatBuffer last = FloatBuffer.allocate(8);
            checkpoint.readFloat32("huge", elements - 4, last);
            assertThat(last.position()).as("up to the tensor's end").isEqualTo(4);
            assertThat(last.array()).startsWith(0, 1, 2, Float.POSITIVE_INFINITY);
        }
    }

    @Test
    void aNumberThatIsNotFiniteIsSeenBehindTwoGigabytes() throws IOException {
        long before = 2_300_000_000L;
        long elements = 140_000_000;
        byte[] end = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(Float.NaN)
                .array();
        String header = "{\"ids\":{\"dtype\":\"U8\",\"shape\":[" + before + "],\"data_offsets\":[0," + before
                + "]},\"late\":{\"dtype\":\"F32\",\"shape\":[" + elements + "],\"data_offsets\":[" + before + ","
                + (before + 4 * elements) + "]}}";
        Path file = sparse("late.safetensors", BadCheckpointTest.safetensors(header, 0), before + 4 * elements, end);

        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.nonFinite()).containsExactly("late");
        }
    }

    @Test
    void blocksBeyondTwoToTheThirtyOneElementsAreReadAndNoArrayIsPromisedForThem() throws IOException {
        long rows = 600_000;
        long columns = 4096;
        byte[] end = new byte[34];
        end[1] = 0x3c; // a scale of 1
        end[33] = 7;
        GgufBuilder builder = GgufTest.metadata(3, "llama")
                .tensor("token_embd.weight", TensorKind.Q8_0.ggmlNumber(), List.of(rows, columns), new byte[0]);
        byte[] head = Files.readAllBytes(builder.write(directory.resolve("head.gguf")));
        Path file = sparse("huge.gguf", head, TensorKind.Q8_0.bytes(rows * columns), end);

        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            FloatBuffer last = FloatBuffer.allocate(32);
            checkpoint.readFloat32(EMBEDDING, rows * columns - 32, last);
            assertThat(last.array()).startsWith(0, 0).endsWith(0, 7);
            assertThatThrownBy(() -> checkpoint.floats(EMBEDDING))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContainingAll(EMBEDDING, "2147483639 numbers", "2457600000", "[600000, 4096]");
        }
    }
}

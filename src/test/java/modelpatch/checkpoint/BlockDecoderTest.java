package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import modelpatch.NeedsShared;
import modelpatch.SharedModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Stored blocks of every kind that quantises against the numbers of the reference dequantisers; src/test/resources/gguf/README.md. */
class BlockDecoderTest {
    private static final Path BLOCKS = Path.of("src", "test", "resources", "gguf", "blocks.safetensors");

    static Stream<TensorKind> kinds() {
        return Arrays.stream(TensorKind.values())
                .filter(TensorKind::isQuantised)
                .filter(kind -> kind != TensorKind.Q8_1 && kind != TensorKind.Q8_K); // no file has them
    }

    private static ByteBuffer stored(Checkpoint blocks, TensorKind kind) {
        return blocks.stored(kind + ".stored");
    }

    private static float[] decoded(TensorKind kind, ByteBuffer stored, int elements) {
        float[] numbers = new float[elements];
        new FloatDecoder(kind).decode(stored, FloatBuffer.wrap(numbers));
        return numbers;
    }

    /** Bits, but for NaN, of which there are many and which all mean the same. */
    static int[] bits(float[] numbers) {
        int[] bits = new int[numbers.length];
        Arrays.setAll(bits, i -> Float.floatToIntBits(numbers[i]));
        return bits;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyNumberIsTheReferencesToTheLastBit(TensorKind kind) {
        try (Checkpoint blocks = Checkpoint.open(BLOCKS)) {
            float[] expected = GgufTest.read(blocks, kind + ".decoded");
            assertThat(bits(decoded(kind, stored(blocks, kind), expected.length)))
                    .isEqualTo(bits(expected));
        }
    }

    /** What decides that is fields of a block in most kinds; here all of its numbers are looked at. */
    @ParameterizedTest
    @EnumSource
    void aBlockIsFiniteWhereItsNumbersAre(TensorKind kind) {
        Random random = new Random(14);
        int elements = kind.blockElements();
        int notFinite = 0;
        for (int trial = 0; kind.isQuantised() && trial < 1000; trial++) {
            byte[] block = new byte[kind.blockBytes()];
            random.nextBytes(block);
            ByteBuffer stored = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
            boolean finite = true;
            for (float number : decoded(kind, stored, elements)) {
                finite &= Float.isFinite(number);
            }
            notFinite += finite ? 0 : 1;
            assertThat(new FloatDecoder(kind).isFinite(stored)).isEqualTo(finite);
        }
        boolean always = !kind.isQuantised() || kind == TensorKind.NVFP4;
        assertThat(notFinite).isBetween(always ? 0 : 1, always ? 0 : 999);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void decodingStartsAtAnyBlockAndEndsAfterAnyOther(TensorKind kind) {
        byte[] bytes = new byte[(int) kind.bytes(3 * FloatDecoder.CHUNK)];
        new Random(14).nextBytes(bytes);
        ByteBuffer stored = ByteBuffer.wrap(bytes);
        float[] all = decoded(kind, stored, 3 * FloatDecoder.CHUNK);
        int first = 3 * 256;
        float[] some = new float[2 * FloatDecoder.CHUNK + 256];

        new FloatDecoder(kind)
                .decode(stored.slice((int) kind.bytes(first), (int) kind.bytes(some.length)), FloatBuffer.wrap(some));

        assertThat(bits(some)).isEqualTo(bits(Arrays.copyOfRange(all, first, first + some.length)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    @NeedsShared
    void aWholeEmbeddingIsTheReferencesToTheLastBit(TensorKind kind) {
        Path folder = SharedModel.gguf().resolve("kinds");
        try (Checkpoint model = Checkpoint.open(folder.resolve(kind + ".gguf"));
                Checkpoint golden = Checkpoint.open(folder.resolve(kind + ".golden.safetensors"))) {
            assertThat(model.tensor("model.embed_tokens.weight").kind()).isEqualTo(kind);
            assertThat(bits(GgufTest.read(model, "model.embed_tokens.weight")))
                    .isEqualTo(bits(GgufTest.read(golden, "dequantised/token_embd.weight")));
        }
    }

    /** The kinds that only products of blocks use, by their definition. */
    @Test
    void bytesTimesAScale() {
        byte[] q8 = new byte[36];
        q8[1] = 0x38; // 0.5
        q8[4] = -3;
        q8[35] = 127;
        float[] numbers = decoded(TensorKind.Q8_1, ByteBuffer.wrap(q8), 32);
        assertThat(numbers[0]).isEqualTo(-1.5f);
        assertThat(numbers[31]).isEqualTo(63.5f);

        byte[] superBlock = new byte[292];
        superBlock[3] = 0x3f; // 0.5 in float32
        superBlock[4] = -3;
        superBlock[259] = 127;
        numbers = decoded(TensorKind.Q8_K, ByteBuffer.wrap(superBlock), 256);
        assertThat(numbers[0]).isEqualTo(-1.5f);
        assertThat(numbers[255]).isEqualTo(63.5f);
    }
}

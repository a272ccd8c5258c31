package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged files, thousands of them under a fixed seed: each opens and reads, or is bad input. Never anything else, never much memory. */
@Timeout(300)
class MutatedFilesTest {
    private static final int MUTATIONS = 2000;
    /** Of a part of a split model: all but its three keys is as in any other file. */
    private static final int MUTATIONS_OF_PARTS = 500;
    /** Room for the decoders of every tensor, and far less than any lie about a count would ask for. */
    private static final long MOST_BYTES = 16 << 20;

    private static final long[] NASTY = {
        0, 1, -1, 0x7fffffffL, 0x80000000L, 0xffffffffL, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 40
    };

    @TempDir
    Path directory;

    @Test
    void mutatedSafetensors() throws IOException {
        Path intact = directory.resolve("intact.safetensors");
        SafetensorsWriter.write(
                intact,
                Map.of("format", "pt"),
                List.of(
                        OutgoingTensor.float32("model.norm.weight", List.of(8L), new float[8]),
                        OutgoingTensor.float32("lm_head.weight", List.of(4L, 8L), new float[32]),
                        OutgoingTensor.encoded(
                                "half", TensorKind.F16, List.of(3L), () -> FloatBuffer.wrap(new float[3]))));
        assertSurvived(intact, "m.safetensors", 0.9, MUTATIONS);
    }

    @Test
    void mutatedGguf() throws IOException {
        Path intact = Files.write(
                directory.resolve("intact.gguf"),
                GgufTest.metadata(3, "llama")
                        .put("tokenizer.ggml.model", "gpt2")
                        .put("tokenizer.ggml.tokens", List.of("a", "b", "c"))
                        .put("tokenizer.ggml.token_type", List.of(1, 1, 3))
                        .tensor("token_embd.weight", 8, List.of(3L, 64L), new byte[204])
                        .tensor("blk.0.attn_q.weight", 3, List.of(64L, 64L), new byte[2560])
                        .float32("output_norm.weight", List.of(64L), new float[64])
                        .build());
        assertSurvived(intact, "m.gguf", 0.3, MUTATIONS);
    }

    /** A tensor of every kind that quantises, its bytes random: damage hits layouts, scales and what the header says of them. */
    @Test
    void mutatedBlocksOfEveryKind() throws IOException {
        GgufBuilder builder =
                GgufTest.metadata(3, "llama").float32("token_embd.weight", List.of(3L, 64L), new float[192]);
        Random random = new Random(14);
        for (TensorKind kind : TensorKind.values()) {
            if (kind.isQuantised()) {
                byte[] blocks = new byte[(int) kind.bytes(256)];
                random.nextBytes(blocks);
                String name = "blk." + kind.ggmlNumber() + ".ffn_up.weight";
                builder.tensor(name, kind.ggmlNumber(), List.of(1L, 256L), blocks);
            }
        }
        assertSurvived(builder.write(directory.resolve("intact.gguf")), "m.gguf", 0.3, MUTATIONS);
    }

    @Test
    void mutatedPartsOfASplitModel() throws IOException {
        List<Path> parts = GgufTest.metadata(3, "llama")
                .float32("token_embd.weight", List.of(3L, 64L), new float[192])
                .tensor("blk.0.ffn_up.weight", 12, List.of(1L, 256L), new byte[144])
                .writeParts(directory, "m", 2);
        assertSurvived(parts.get(1), parts.get(1).getFileName().toString(), 0.5, MUTATIONS_OF_PARTS);
    }

    /** Experts in one tensor, queries, keys and values by role, matrices turned, norms of heads. */
    @ParameterizedTest
    @ValueSource(strings = {"mixtral", "bloom", "gpt2", "stablelm_qk_parallel"})
    void mutatedFilesOfFamiliesThatLayTensorsOut(String model) throws IOException {
        Path intact = Path.of("src", "test", "resources", "gguf", "families", model + ".gguf");
        assertSurvived(intact, "m.gguf", 0.9, MUTATIONS_OF_PARTS);
    }

    /** Both outcomes have to occur: a test in which every mutation is refused at the first byte shows nothing. */
    private void assertSurvived(Path intact, String name, double mostlyHeader, int mutations) throws IOException {
        byte[] bytes = Files.readAllBytes(intact);
        assertThat(reads(intact)).as("the intact file").isTrue();
        Random random = new Random(20251122);
        int read = 0;
        for (int i = 0; i < mutations; i++) {
            byte[] mutated = mutate(bytes, random, mostlyHeader);
            Path file = Files.write(directory.resolve(name), mutated);
            long before = allocated();
            try {
                read += reads(file) ? 1 : 0;
            } catch (RuntimeException | Error e) {
                Path kept = Files.write(Path.of("target", "mutation-" + i + "-" + name), mutated);
                throw new AssertionError("mutation " + i + " (kept as " + kept + ") was neither read nor bad input", e);
            }
            assertThat(allocated() - before)
                    .as("bytes allocated for mutation %d", i)
                    .isLessThan(MOST_BYTES);
        }
        assertThat(read).as("mutations that could still be read").isBetween(mutations / 100, mutations * 99 / 100);
    }

    private static boolean reads(Path file) {
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            checkpoint.digest();
            checkpoint.nonFinite();
            for (TensorInfo info : checkpoint.tensors().values()) {
                if (info.kind().isWeight()) {
                    checkpoint.readFloat32(info.name(), FloatBuffer.allocate((int) info.elements()));
                }
            }
            return true;
        } catch (BadInput e) {
            assertThat(e.getMessage()).contains(nameOf(file)).hasSizeLessThan(2000);
            return false;
        }
    }

    /** What a message has to name: the file, or the model of which it is a part. */
    private static String nameOf(Path file) {
        return file.getFileName().toString().replaceFirst("-\\d{5}-of-\\d{5}\\.gguf$", "-0000");
    }

    private static byte[] mutate(byte[] intact, Random random, double mostlyHeader) {
        byte[] bytes = intact.clone();
        int header = random.nextDouble() < mostlyHeader ? Math.min(300, bytes.length) : bytes.length;
        int edits = 1 + random.nextInt(3);
        for (int edit = 0; edit < edits; edit++) {
            int at = random.nextInt(header);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> put(bytes, at, NASTY[random.nextInt(NASTY.length)], random.nextBoolean() ? 8 : 4);
                case 3 -> bytes[at] = (byte) "0123456789-[]{}\",:e.".charAt(random.nextInt(20));
                case 4 -> {
                    int from = random.nextInt(bytes.length);
                    int length = Math.min(random.nextInt(40), bytes.length - Math.max(from, at));
                    System.arraycopy(intact, from, bytes, at, length);
                }
                default -> {
                    if (random.nextInt(4) == 0) {
                        bytes = Arrays.copyOf(bytes, Math.max(1, bytes.length - random.nextInt(200)));
                        header = Math.min(header, bytes.length);
                    }
                }
            }
        }
        return bytes;
    }

    private static void put(byte[] bytes, int at, long value, int width) {
        for (int i = 0; i < width && at + i < bytes.length; i++) {
            bytes[at + i] = (byte) (value >>> (8 * i));
        }
    }

    private static long allocated() {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getCurrentThreadAllocatedBytes();
    }
}

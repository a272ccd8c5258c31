package modelpatch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import modelpatch.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Safetensors: what the writer writes, what others wrote, and shards. */
class SafetensorsTest {
    @TempDir
    Path directory;

    static List<Path> conformance() throws IOException {
        try (var folders = Files.list(Path.of("src", "test", "resources", "conformance"))) {
            return folders.filter(Files::isDirectory).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("conformance")
    void checkpointsOfAnotherWriterAreReadAsTheyAre(Path folder) {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            assertThat(checkpoint.format()).isEqualTo(Checkpoint.Format.SAFETENSORS);
            assertThat(checkpoint.name()).isEqualTo(folder.getFileName().toString());
            assertThat(checkpoint.config().path("vocab_size").asInt()).isEqualTo(97);
            assertThat(checkpoint.nonFinite()).isEmpty();
            for (TensorInfo info : checkpoint.tensors().values()) {
                FloatBuffer stored = checkpoint.stored(info.name()).asFloatBuffer();
                FloatBuffer decoded = FloatBuffer.allocate((int) info.elements());
                checkpoint.readFloat32(info.name(), decoded);
                assertThat(decoded.flip()).isEqualTo(stored);
            }
        }
    }

    @Test
    void whatIsWrittenIsReadBackByteForByte() {
        float[] values = {0f, -0f, 1f, Float.MIN_VALUE, -Float.MAX_VALUE, 1 / 3f};
        Path file = directory.resolve("x.safetensors");
        byte[] raw = {1, 2, 3};

        SafetensorsWriter.write(
                file,
                Map.of("format", "pt", "author", "Zoë \"Z\"\n"),
                List.of(
                        OutgoingTensor.float32("b", List.of(2L, 3L), values),
                        OutgoingTensor.encoded(
                                "a", TensorKind.BF16, List.of(3L), () -> FloatBuffer.wrap(new float[] {1, -2, 0.5f})),
                        OutgoingTensor.encoded(
                                "h", TensorKind.F16, List.of(1L), () -> FloatBuffer.wrap(new float[] {65504})),
                        new OutgoingTensor(
                                "mask", TensorKind.U8, List.of(3L), sink -> sink.accept(ByteBuffer.wrap(raw))),
                        OutgoingTensor.float32("scalar", List.of(), new float[] {7}),
                        OutgoingTensor.float32("none", List.of(0L, 5L), new float[0])));

        try (Checkpoint read = Checkpoint.open(file)) {
            assertThat(read.tensors().keySet()).containsExactly("a", "b", "h", "mask", "none", "scalar");
            assertThat(GgufTest.read(read, "b")).isEqualTo(values);
            assertThat(GgufTest.read(read, "a")).containsExactly(1, -2, 0.5f);
            assertThat(GgufTest.read(read, "h")).containsExactly(65504);
            assertThat(GgufTest.read(read, "scalar")).containsExactly(7);
            assertThat(GgufTest.read(read, "none")).isEmpty();
            assertThat(read.tensor("none").shape()).containsExactly(0L, 5L);
            assertThat(read.stored("mask")).isEqualTo(ByteBuffer.wrap(raw));
            assertThat(read.metadata().get("author").asText()).isEqualTo("Zoë \"Z\"\n");
        }
    }

    @Test
    void aCopyOfACheckpointHasTheSameDigests() {
        try (Checkpoint original = Checkpoint.open(conformanceModel("llama"))) {
            Path copy = directory.resolve("copy.safetensors");
            SafetensorsWriter.write(
                    copy,
                    Map.of(),
                    original.tensors().keySet().stream()
                            .map(name -> OutgoingTensor.stored(original, name))
                            .toList());
            try (Checkpoint read = Checkpoint.open(copy)) {
                assertThat(read.digest()).isEqualTo(original.digest());
            }
        }
    }

    @Test
    void theSameContentGivesTheSameBytes() throws IOException {
        OutgoingTensor a = OutgoingTensor.float32("a", List.of(1L), new float[] {1});
        OutgoingTensor b = OutgoingTensor.float32("b", List.of(1L), new float[] {2});
        Path first = directory.resolve("1.safetensors");
        Path second = directory.resolve("2.safetensors");

        SafetensorsWriter.write(first, Map.of("x", "1", "y", "2"), List.of(a, b));
        SafetensorsWriter.write(second, Map.of("y", "2", "x", "1"), List.of(b, a));

        assertThat(second).hasSameBinaryContentAs(first);
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(first)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.getLong(0) % 8).as("header length").isZero();
    }

    @Test
    void aTensorThatGivesOtherBytesThanItsShapeIsNotWritten() {
        OutgoingTensor lying = OutgoingTensor.float32("x", List.of(3L), new float[2]);

        assertThatThrownBy(() -> SafetensorsWriter.write(directory.resolve("x.safetensors"), Map.of(), List.of(lying)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("12 bytes", "8");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aNumberTooLargeForAHalfIsNotWrittenAsInfinity() {
        OutgoingTensor large =
                OutgoingTensor.encoded("x", TensorKind.F16, List.of(1L), () -> FloatBuffer.wrap(new float[] {70000}));

        assertThatThrownBy(() -> SafetensorsWriter.write(directory.resolve("x.safetensors"), Map.of(), List.of(large)))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("x", "F16", "70000");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void shardsAreOneCheckpoint() throws IOException {
        try (Checkpoint whole = Checkpoint.open(conformanceModel("gpt2"))) {
            writeShards(whole, List.of("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"));

            try (Checkpoint sharded = Checkpoint.open(directory)) {
                assertThat(sharded.tensors().keySet())
                        .containsExactlyElementsOf(whole.tensors().keySet());
                assertThat(sharded.tensors().values().stream()
                                .map(TensorInfo::file)
                                .distinct())
                        .hasSize(2);
                assertThat(sharded.digest()).isEqualTo(whole.digest());
                assertThat(sharded.config()).isEqualTo(whole.config());
            }
        }
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        try (Checkpoint whole = Checkpoint.open(conformanceModel("gpt2"))) {
            writeShards(whole, List.of("one.safetensors", "two.safetensors"));
        }
        Files.delete(directory.resolve("two.safetensors"));

        assertThatThrownBy(() -> Checkpoint.open(directory))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("missing shard", "two.safetensors");
    }

    @Test
    void anIndexThatNamesATensorItsShardLacksIsRefused() throws IOException {
        try (Checkpoint whole = Checkpoint.open(conformanceModel("gpt2"))) {
            writeShards(whole, List.of("one.safetensors", "two.safetensors"));
        }
        Path index = directory.resolve("model.safetensors.index.json");
        Files.writeString(
                index,
                Files.readString(index).replace("\"weight_map\":{", "\"weight_map\":{\"ghost\":\"one.safetensors\","));

        assertThatThrownBy(() -> Checkpoint.open(directory))
                .isInstanceOf(BadInput.class)
                .hasMessageContainingAll("index and shard disagree", "ghost", "one.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../one.safetensors", "/etc/passwd", "a/b.safetensors", "..", "a\\\\b"})
    void anIndexDoesNotLeadOutOfItsDirectory(String shard) throws IOException {
        Files.writeString(directory.resolve("config.json"), "{}");
        Files.writeString(
                directory.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"x\":\"" + shard + "\"}}");

        assertThatThrownBy(() -> Checkpoint.open(directory))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("a file name in the same directory");
    }

    @Test
    void digestsCoverExactlyTheStoredBytes() {
        Path file = directory.resolve("x.safetensors");
        SafetensorsWriter.write(file, Map.of(), List.of(OutgoingTensor.float32("x", List.of(1L), new float[] {0})));

        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            // sha256sum of four zero bytes, and of the line "x F32 1 <that>\n"
            String zeros = "df3f619804a92fdb4057192dc43dd748ea778adc52bc498ce80524c014b81119";
            assertThat(checkpoint.digest("x")).isEqualTo(zeros);
            assertThat(checkpoint.digest()).isEqualTo(sha256("x F32 1 " + zeros + "\n"));
        }
    }

    @Test
    void aNameThatIsNotThereBringsTheNearestOnes() {
        try (Checkpoint checkpoint = Checkpoint.open(conformanceModel("llama"))) {
            assertThatThrownBy(() -> checkpoint.tensor("model.layers.1.self_attn.q_pro.weight"))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("model.layers.1.self_attn.q_proj.weight");
        }
    }

    @Test
    void notANumberAndInfinityAreNamed() {
        Path file = directory.resolve("x.safetensors");
        float[] late = new float[2 * FloatDecoder.CHUNK + 1];
        late[late.length - 1] = Float.NEGATIVE_INFINITY;
        SafetensorsWriter.write(
                file,
                Map.of(),
                List.of(
                        OutgoingTensor.float32("fine", List.of(1L), new float[] {Float.MAX_VALUE}),
                        OutgoingTensor.float32("nan", List.of(2L), new float[] {1, Float.NaN}),
                        OutgoingTensor.float32("infinite", List.of((long) late.length), late)));

        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            assertThat(checkpoint.nonFinite()).containsExactly("infinite", "nan");
        }
    }

    @Test
    void whatIsHandedOutCannotReachTheFile() {
        try (Checkpoint checkpoint = Checkpoint.open(conformanceModel("qwen2"))) {
            ByteBuffer stored = checkpoint.stored("model.norm.weight");
            float before = stored.getFloat(0);
            stored.putFloat(0, before + 1);

            assertThat(checkpoint.stored("model.norm.weight").getFloat(0)).isEqualTo(before);
        }
    }

    static Path conformanceModel(String name) {
        return Path.of("src", "test", "resources", "conformance", name);
    }

    private void writeShards(Checkpoint whole, List<String> shards) throws IOException {
        Files.writeString(directory.resolve("config.json"), whole.config().toString());
        List<String> names = List.copyOf(whole.tensors().keySet());
        StringBuilder map = new StringBuilder();
        for (int i = 0; i < shards.size(); i++) {
            List<String> part = names.subList(i * names.size() / shards.size(), (i + 1) * names.size() / shards.size());
            SafetensorsWriter.write(
                    directory.resolve(shards.get(i)),
                    Map.of(),
                    part.stream()
                            .map(name -> OutgoingTensor.stored(whole, name))
                            .toList());
            for (String name : part) {
                map.append(map.isEmpty() ? "" : ",")
                        .append('"')
                        .append(name)
                        .append("\":\"")
                        .append(shards.get(i))
                        .append('"');
            }
        }
        Files.writeString(
                directory.resolve("model.safetensors.index.json"), "{\"metadata\":{},\"weight_map\":{" + map + "}}");
    }

    private static String sha256(String text) {
        try {
            var digest = java.security.MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

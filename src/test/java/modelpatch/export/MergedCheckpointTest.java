package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import modelpatch.BadInput;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.GgufBuilder;
import modelpatch.checkpoint.OutgoingTensor;
import modelpatch.checkpoint.SafetensorsWriter;
import modelpatch.checkpoint.TensorInfo;
import modelpatch.checkpoint.TensorKind;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchStack;
import modelpatch.patch.SmallModel;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;
import modelpatch.solve.Columns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergedCheckpointTest {
    @TempDir
    Path directory;

    private static PatchStack stack(Checkpoint base, TensorDelta... deltas) {
        return PatchStack.of(
                List.of(WeightPatch.of(base, PatchStack.empty(), List.of(deltas), SmallModel.provenance("merge"))));
    }

    private static PatchStack stack(Checkpoint base) {
        return stack(base, SmallModel.deltas(new Random(8)).toArray(TensorDelta[]::new));
    }

    private static float[] read(Checkpoint checkpoint, String tensor) {
        float[] values = new float[(int) checkpoint.tensor(tensor).elements()];
        checkpoint.readFloat32(tensor, FloatBuffer.wrap(values));
        return values;
    }

    @Test
    void editedTensorsAreRoundedToTheirKindAndAllElseIsByteForByte() throws IOException {
        Path model = SmallModel.write(directory.resolve("base"), 11);
        Files.writeString(model.resolve("tokenizer.json"), "{}");
        Files.writeString(model.resolve("LICENSE.txt"), "free");
        Files.writeString(model.resolve("pytorch_model.bin"), "old weights");
        Path target = directory.resolve("merged");
        try (Checkpoint base = Checkpoint.open(model)) {
            PatchStack stack = stack(base);
            List<CastLoss> losses = MergedCheckpoint.write(base, stack, target);
            try (Checkpoint merged = Checkpoint.open(target)) {
                assertThat(merged.tensors().keySet()).isEqualTo(base.tensors().keySet());
                for (TensorInfo info : base.tensors().values()) {
                    assertThat(merged.tensor(info.name()).kind()).isEqualTo(info.kind());
                    assertThat(merged.tensor(info.name()).offset()).isEqualTo(info.offset());
                }
                assertThat(merged.digest("norm.weight")).isEqualTo(base.digest("norm.weight"));
                Map<String, float[]> patched = stack.weights(base);
                assertThat(read(merged, SmallModel.MAPS.get(0))).containsExactly(patched.get(SmallModel.MAPS.get(0)));
                double[] halfUlps = {0, 0x1p-8, 0x1p-11}; // relative, of F32 (exact), BF16, F16
                for (int i = 1; i < 3; i++) {
                    float[] stored = read(merged, SmallModel.MAPS.get(i));
                    float[] wanted = patched.get(SmallModel.MAPS.get(i));
                    for (int j = 0; j < stored.length; j++) {
                        assertThat((double) stored[j])
                                .isCloseTo(wanted[j], within(Math.abs(wanted[j]) * halfUlps[i] + 1e-7));
                    }
                }
            }
            assertThat(losses).extracting(CastLoss::tensor).containsExactlyInAnyOrderElementsOf(SmallModel.MAPS);
            CastLoss exact = losses.stream()
                    .filter(l -> l.kind() == TensorKind.F32)
                    .findFirst()
                    .orElseThrow();
            assertThat(exact.largestError()).isZero();
            assertThat(exact.relativeError()).isZero();
            CastLoss brain = losses.stream()
                    .filter(l -> l.kind() == TensorKind.BF16)
                    .findFirst()
                    .orElseThrow();
            assertThat(brain.relativeError()).isBetween(1e-6, 0.02);
            assertThat(brain.changed()).isBetween(1L, 18L); // three of eight columns
        }
        try (Stream<Path> files = Files.list(target)) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "config.json", "model.safetensors", "tokenizer.json", "LICENSE.txt", PatchRecord.FILE);
        }
        assertThat(Files.readString(target.resolve(PatchRecord.FILE))).contains("creme-paper", "\"merge\"");
    }

    @Test
    void shardsKeepTheirNamesAndTheirIndex() throws IOException {
        Path model = directory.resolve("base");
        Files.createDirectories(model);
        Files.writeString(model.resolve("config.json"), "{}");
        Random random = new Random(1);
        String[] names = {"a.weight", "b.weight", "c.weight"};
        StringBuilder index = new StringBuilder("{\"metadata\":{\"total_size\":576},\"weight_map\":{");
        for (int i = 0; i < 3; i++) {
            float[] values = new float[48];
            for (int j = 0; j < 48; j++) {
                values[j] = (float) random.nextGaussian();
            }
            String shard = "model-0000" + (i + 1) + "-of-00003.safetensors";
            SafetensorsWriter.write(
                    model.resolve(shard),
                    Map.of("format", "pt"),
                    List.of(OutgoingTensor.float32(names[i], List.of(6L, 8L), values)));
            index.append(i > 0 ? "," : "").append("\"" + names[i] + "\":\"" + shard + "\"");
        }
        Files.writeString(model.resolve("model.safetensors.index.json"), index + "}}");
        Path target = directory.resolve("merged");
        try (Checkpoint base = Checkpoint.open(model)) {
            PatchStack stack = stack(base, SmallModel.delta("b.weight", 1, Columns.all(8), random));
            MergedCheckpoint.write(base, stack, target);
            for (String file : List.of(
                    "model-00001-of-00003.safetensors",
                    "model-00003-of-00003.safetensors",
                    "model.safetensors.index.json",
                    "config.json")) {
                assertThat(target.resolve(file)).hasSameBinaryContentAs(model.resolve(file));
            }
            try (Checkpoint merged = Checkpoint.open(target)) {
                assertThat(read(merged, "b.weight"))
                        .containsExactly(stack.weights(base).get("b.weight"));
            }
        }
    }

    @Test
    void anEditOfATiedTensorReachesItsTwin() throws IOException {
        Path model = directory.resolve("base");
        Files.createDirectories(model);
        Files.writeString(model.resolve("config.json"), "{\"tie_word_embeddings\": true, \"vocab_size\": 6}");
        float[] embedding = new float[48];
        for (int i = 0; i < 48; i++) {
            embedding[i] = i;
        }
        SafetensorsWriter.write(
                model.resolve("model.safetensors"),
                Map.of(),
                List.of(
                        OutgoingTensor.float32("embed.weight", List.of(6L, 8L), embedding),
                        OutgoingTensor.float32("lm_head.weight", List.of(6L, 8L), embedding)));
        try (Checkpoint base = Checkpoint.open(model)) {
            PatchStack stack = stack(base, SmallModel.delta("embed.weight", 1, Columns.all(8), new Random(1)));
            MergedCheckpoint.write(base, stack, directory.resolve("merged"));
            try (Checkpoint merged = Checkpoint.open(directory.resolve("merged"))) {
                assertThat(merged.digest("lm_head.weight"))
                        .isEqualTo(merged.digest("embed.weight"))
                        .isNotEqualTo(base.digest("embed.weight"));
            }
        }
    }

    @Test
    void aTakenTargetIsLeftAsItIs() throws IOException {
        Path model = SmallModel.write(directory.resolve("base"), 11);
        try (Checkpoint base = Checkpoint.open(model)) {
            PatchStack stack = stack(base);
            assertThatThrownBy(() -> MergedCheckpoint.write(base, stack, model))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("target is taken");
            Path file = directory.resolve("file");
            Files.writeString(file, "mine");
            assertThatThrownBy(() -> MergedCheckpoint.write(base, stack, file)).isInstanceOf(BadInput.class);
            assertThat(file).hasContent("mine");
            Path empty = directory.resolve("empty");
            Files.createDirectories(empty);
            MergedCheckpoint.write(base, stack, empty);
            assertThat(empty.resolve("model.safetensors")).exists();
        }
    }

    @Test
    void aFailureLeavesNothingBehind() throws IOException {
        Path model = SmallModel.write(directory.resolve("base"), 11);
        try (Checkpoint base = Checkpoint.open(model)) {
            // 1e5 does not fit binary16
            TensorDelta large = new TensorDelta(
                    SmallModel.MAPS.get(2), 6, Columns.all(8), 1, Orientation.OUT_IN, filled(6, 1e3f), filled(8, 1e2f));
            PatchStack stack = stack(base, large);
            assertThatThrownBy(() -> MergedCheckpoint.write(base, stack, directory.resolve("merged")))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("too large for F16");
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactly("base");
        }
    }

    private static float[] filled(int count, float value) {
        float[] values = new float[count];
        java.util.Arrays.fill(values, value);
        return values;
    }

    @Test
    void aQuantisedBaseBecomesFloat32AndSaysSo() {
        // the two maps are equal, and tied embeddings are no reason to edit both
        byte[] blocks = new byte[64 * 2 * 34]; // [64, 64] in Q8_0: two blocks of 34 bytes per row
        new Random(5).nextBytes(blocks);
        for (int block = 0; block < 128; block++) {
            blocks[block * 34 + 1] = 0x1c; // a scale of about 0.004
        }
        float[] embedding = filled(3 * 64, 0.5f);
        Path model = new GgufBuilder(3)
                .put("general.architecture", "llama")
                .put("llama.block_count", 1)
                .put("llama.context_length", 128)
                .put("llama.embedding_length", 64)
                .put("llama.feed_forward_length", 96)
                .put("llama.attention.head_count", 2)
                .put("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .float32("token_embd.weight", List.of(3L, 64L), embedding)
                .tensor("blk.0.attn_output.weight", 8, List.of(64L, 64L), blocks)
                .tensor("blk.0.attn_q.weight", 8, List.of(64L, 64L), blocks)
                .write(directory.resolve("m.gguf"));
        String tensor = "model.layers.0.self_attn.o_proj.weight";
        String other = "model.layers.0.self_attn.q_proj.weight";
        Path target = directory.resolve("merged");
        try (Checkpoint base = Checkpoint.open(model)) {
            TensorDelta delta = new TensorDelta(
                    tensor, 64, Columns.all(64), 1, Orientation.OUT_IN, filled(64, 0.01f), filled(64, 0.5f));
            PatchStack stack = stack(base, delta);
            assertThat(stack.patches().get(0).tensors().get(0).kind()).isEqualTo("Q8_0");
            List<CastLoss> losses = MergedCheckpoint.write(base, stack, target);
            assertThat(losses)
                    .singleElement()
                    .satisfies(loss -> assertThat(loss.largestError()).isZero());
            try (Checkpoint merged = Checkpoint.open(target)) {
                assertThat(merged.tensors().values()).allMatch(info -> info.kind() == TensorKind.F32);
                assertThat(merged.config().path("num_hidden_layers").asInt()).isEqualTo(1);
                assertThat(read(merged, tensor))
                        .containsExactly(stack.weights(base).get(tensor));
                assertThat(read(merged, other)).containsExactly(read(base, other));
            }
        }
    }
}

package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.checkpoint.GgufBuilder;
import modelpatch.checkpoint.TensorInfo;
import modelpatch.checkpoint.TensorKind;
import modelpatch.patch.Orientation;
import modelpatch.patch.PatchStack;
import modelpatch.patch.SmallModel;
import modelpatch.patch.TensorDelta;
import modelpatch.patch.WeightPatch;
import modelpatch.solve.Columns;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MergedGgufTest {
    private static final String QUERY = "model.layers.0.self_attn.q_proj.weight";
    private static final String VALUE = "model.layers.0.self_attn.v_proj.weight";
    private static final String OUTPUT = "model.layers.0.self_attn.o_proj.weight";

    @TempDir
    Path directory;

    private GgufBuilder built;
    private Path model;

    /**
     * A quantised model of the llama family, whose query rows a GGUF file keeps in another order. Two of its three kinds are read and not
     * written: one of them edited, one not.
     */
    @BeforeEach
    void build() {
        byte[] q8 = blocks(34);
        byte[] iq4 = blocks(18);
        byte[] q5 = blocks(22);
        float[] embedding = new float[3 * 64];
        for (int i = 0; i < embedding.length; i++) {
            embedding[i] = i / 64f;
        }
        built = new GgufBuilder(3)
                .put("general.architecture", "llama")
                .put("general.file_type", 7)
                .put("llama.block_count", 1)
                .put("llama.context_length", 128)
                .put("llama.embedding_length", 64)
                .put("llama.feed_forward_length", 96)
                .put("llama.attention.head_count", 2)
                .put("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .put("tokenizer.ggml.tokens", List.of("a", "b", "c"))
                .float32("token_embd.weight", List.of(3L, 64L), embedding)
                .tensor("blk.0.attn_output.weight", 20, List.of(64L, 64L), iq4)
                .tensor("blk.0.attn_q.weight", 8, List.of(64L, 64L), q8)
                .tensor("blk.0.attn_v.weight", 6, List.of(64L, 64L), q5)
                .float32("output_norm.weight", List.of(64L), new float[64]);
        model = built.write(directory.resolve("m.gguf"));
    }

    /** [64, 64] in blocks of 32 that begin with their scale, about 0.004. */
    private static byte[] blocks(int bytes) {
        byte[] blocks = new byte[64 * 2 * bytes];
        new Random(5).nextBytes(blocks);
        for (int at = 1; at < blocks.length; at += bytes) {
            blocks[at] = 0x1c;
        }
        return blocks;
    }

    private static PatchStack stack(Checkpoint base) {
        Random random = new Random(2);
        float[] left = new float[64];
        float[] right = new float[64];
        for (int i = 0; i < 64; i++) {
            left[i] = (float) random.nextGaussian() * 0.1f;
            right[i] = (float) random.nextGaussian();
        }
        List<TensorDelta> deltas = List.of(
                new TensorDelta(QUERY, 64, Columns.all(64), 1, Orientation.OUT_IN, left, right),
                new TensorDelta(OUTPUT, 64, Columns.of(64, 3, 40), 1, Orientation.OUT_IN, left, new float[] {1, 2}));
        return PatchStack.of(List.of(WeightPatch.of(base, PatchStack.empty(), deltas, SmallModel.provenance("gguf"))));
    }

    private static float[] read(Checkpoint checkpoint, String tensor) {
        float[] values = new float[(int) checkpoint.tensor(tensor).elements()];
        checkpoint.readFloat32(tensor, FloatBuffer.wrap(values));
        return values;
    }

    @ParameterizedTest
    @CsvSource({"F32, 0", "F16, 4.9e-4", "Q8_0, 0.004"})
    void editedTensorsAreRoundedAndAllElseIsByteForByte(TensorKind kind, String relative) {
        double tolerance = Double.parseDouble(relative);
        Path target = directory.resolve("out");
        try (Checkpoint base = Checkpoint.open(model)) {
            PatchStack stack = stack(base);
            List<CastLoss> losses = MergedGguf.write(base, stack, kind, false, target);
            assertThat(losses).hasSize(2).allMatch(loss -> loss.kind() == kind);
            try (Checkpoint merged = Checkpoint.open(target)) {
                assertThat(merged.metadata()).containsAllEntriesOf(base.metadata());
                assertThat(merged.metadata().get("modelpatch.base_digest").asText())
                        .isEqualTo(base.digest());
                assertThat(merged.config()).isEqualTo(base.config());
                stack.weights(base).forEach((tensor, expected) -> {
                    float[] found = read(merged, tensor);
                    double largest = 0;
                    for (float value : expected) {
                        largest = Math.max(largest, Math.abs(value));
                    }
                    for (int i = 0; i < found.length; i++) {
                        assertThat((double) found[i]).isCloseTo(expected[i], within(largest * tolerance));
                    }
                });
                for (String other : List.of("model.embed_tokens.weight", "model.norm.weight", VALUE)) {
                    assertThat(merged.tensor(other).kind())
                            .isEqualTo(base.tensor(other).kind());
                    assertThat(merged.digest(other)).isEqualTo(base.digest(other));
                }
            }
        }
    }

    @Test
    void everyMatrixIsConvertedOnDemandAndTheFileSaysSo() throws IOException {
        try (Checkpoint base = Checkpoint.open(model)) {
            MergedGguf.write(base, stack(base), TensorKind.F16, true, directory.resolve("out"));
            try (Checkpoint merged = Checkpoint.open(directory.resolve("out/m.gguf"))) {
                assertThat(merged.metadata().get("general.file_type").asInt()).isEqualTo(1);
                for (TensorInfo info : merged.tensors().values()) {
                    assertThat(info.kind()).isEqualTo(info.shape().size() > 1 ? TensorKind.F16 : TensorKind.F32);
                }
                float[] embedding = read(base, "model.embed_tokens.weight");
                assertThat(read(merged, "model.embed_tokens.weight")).containsExactly(embedding); // 16 bits hold it
            }
        }
    }

    @Test
    void theSameFileComesOutWhenNothingIsChanged() throws IOException {
        try (Checkpoint base = Checkpoint.open(model)) {
            MergedGguf.write(base, PatchStack.empty(), TensorKind.Q8_0, false, directory.resolve("out"));
        }
        assertThat(Files.mismatch(model, directory.resolve("out/m.gguf"))).isEqualTo(-1);
    }

    @Test
    void thePartsOfASplitModelBecomeOneFile() throws IOException {
        Path parts = Files.createDirectory(directory.resolve("parts"));
        try (Checkpoint base = Checkpoint.open(built.writeParts(parts, "m", 3).get(1))) {
            MergedGguf.write(base, PatchStack.empty(), TensorKind.Q8_0, false, directory.resolve("out"));
        }
        assertThat(Files.mismatch(model, directory.resolve("out/m.gguf"))).isEqualTo(-1);
    }

    @Test
    void aSecondExportRecordsItsOwnBaseAndPatches() throws IOException {
        Path first = directory.resolve("first");
        try (Checkpoint base = Checkpoint.open(model)) {
            MergedGguf.write(base, stack(base), TensorKind.F32, false, first);
        }
        try (Checkpoint base = Checkpoint.open(first)) {
            MergedGguf.write(base, stack(base), TensorKind.F32, false, directory.resolve("second"));
            try (Checkpoint merged = Checkpoint.open(directory.resolve("second"))) {
                assertThat(merged.metadata().keySet())
                        .containsExactlyInAnyOrderElementsOf(base.metadata().keySet());
                assertThat(merged.metadata().get("modelpatch.base_digest").asText())
                        .isEqualTo(base.digest())
                        .isNotEqualTo(
                                base.metadata().get("modelpatch.base_digest").asText());
            }
        }
    }

    @Test
    void rowsThatDoNotFillBlocksAreStoredInSixteenBits() throws IOException {
        Path odd = new GgufBuilder(3)
                .put("general.architecture", "llama")
                .put("llama.block_count", 1)
                .put("llama.context_length", 128)
                .put("llama.embedding_length", 64)
                .put("llama.feed_forward_length", 80)
                .put("llama.attention.head_count", 2)
                .put("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .float32("token_embd.weight", List.of(3L, 64L), new float[192])
                .float32("blk.0.ffn_down.weight", List.of(64L, 80L), new float[64 * 80])
                .write(directory.resolve("odd.gguf"));
        try (Checkpoint base = Checkpoint.open(odd)) {
            MergedGguf.write(base, PatchStack.empty(), TensorKind.Q8_0, true, directory.resolve("out"));
            try (Checkpoint merged = Checkpoint.open(directory.resolve("out"))) {
                assertThat(merged.tensor("model.embed_tokens.weight").kind()).isEqualTo(TensorKind.Q8_0);
                assertThat(merged.tensor("model.layers.0.mlp.down_proj.weight").kind())
                        .isEqualTo(TensorKind.F16);
            }
        }
    }
}

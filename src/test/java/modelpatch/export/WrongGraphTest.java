package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import modelpatch.architecture.DecoderLayout;
import modelpatch.checkpoint.Checkpoint;
import modelpatch.export.OnnxExport.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs that a broken exporter would write. Each runs, and none may be handed out. */
class WrongGraphTest {
    private static final String QUERY = "model.layers.1.self_attn.q_proj.weight";

    @TempDir
    Path directory;

    @Test
    void aTransposedWeightFailsTheExport() {
        fails("llama_mha_untied", config -> {}, patched -> with(patched, QUERY, WrongGraphTest::transposed));
    }

    @Test
    void swappedHeadsFailTheExport() {
        fails(
                "llama_mha_untied",
                config -> {},
                patched -> with(patched, QUERY, values -> {
                    int head = values.length / patched.base().config().nHeads();
                    float[] swapped = values.clone();
                    System.arraycopy(values, 0, swapped, head, head);
                    System.arraycopy(values, head, swapped, 0, head);
                    return swapped;
                }));
    }

    @Test
    void aMissingRotaryScalingFailsTheExport() {
        fails(
                "llama31_rope",
                config -> ((ObjectNode) config.get("rope_parameters")).put("rope_type", "default"),
                Patched::weights);
    }

    @Test
    void aWrongNormEpsilonFailsTheExport() {
        fails("llama", config -> config.put("rms_norm_eps", 1e-5), Patched::weights); // 1e-6 in its config.json
    }

    @Test
    void aMissingPatchFailsTheExport() {
        fails("gpt2", config -> {}, patched -> Map.of());
    }

    private interface WrongWeights {
        Map<String, float[]> of(Patched patched);
    }

    private void fails(String family, Consumer<ObjectNode> mistake, WrongWeights weights) {
        try (Patched patched = Patched.open(Patched.conformance(family))) {
            Checkpoint base = patched.checkpoint();
            ObjectNode config = base.config().deepCopy();
            mistake.accept(config);
            ParityCheck check = new ParityCheck(patched.model(), patched.prompts());
            OnnxExport wrong = new OnnxExport(
                    DecoderLayout.of(config, "a wrong configuration"),
                    new PatchedWeights(base, weights.of(patched)),
                    patched.stack(),
                    Options.defaults());
            Parity parity = wrong.write(directory.resolve("out"), check);
            assertThat(parity.holds()).isFalse();
            assertThat(parity.largestDifference()).isGreaterThan(2e-4);
            assertThat(directory).isEmptyDirectory();
            OnnxExport right = new OnnxExport(
                    DecoderLayout.of(base),
                    new PatchedWeights(base, patched.weights()),
                    patched.stack(),
                    Options.defaults());
            assertThat(right.write(directory.resolve("out"), check).holds()).isTrue();
        }
    }

    private static Map<String, float[]> with(Patched patched, String tensor, UnaryOperator<float[]> change) {
        Map<String, float[]> weights = new HashMap<>(patched.weights());
        float[] values = new float[(int) patched.checkpoint().tensor(tensor).elements()];
        patched.checkpoint().readFloat32(tensor, FloatBuffer.wrap(values));
        weights.put(tensor, change.apply(values));
        return weights;
    }

    private static float[] transposed(float[] square) {
        int n = (int) Math.round(Math.sqrt(square.length));
        assertThat(n * n).isEqualTo(square.length);
        float[] turned = new float[square.length];
        for (int i = 0; i < square.length; i++) {
            turned[i % n * n + i / n] = square[i];
        }
        return turned;
    }
}

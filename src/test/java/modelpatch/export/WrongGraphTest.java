package modelpatch.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import modelpatch.architecture.DecoderLayout;
import modelpatch.architecture.DecoderLayout.Block;
import modelpatch.architecture.DecoderLayout.Norm;
import modelpatch.architecture.ModelConfig;
import modelpatch.architecture.Rotary;
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
        fails("llama_mha_untied", layout -> layout, patched -> with(patched, QUERY, WrongGraphTest::transposed));
    }

    @Test
    void swappedHeadsFailTheExport() {
        fails(
                "llama_mha_untied",
                layout -> layout,
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
                layout -> {
                    Rotary scaled = layout.config().rotary().orElseThrow();
                    double[] plain = scaled.frequencies().clone();
                    for (int i = 0; i < plain.length; i++) {
                        plain[i] = Math.pow(500000, -2.0 * i / scaled.dimensions()); // rope_theta of its config.json
                    }
                    assertThat(plain).isNotEqualTo(scaled.frequencies());
                    return with(layout, new Rotary(scaled.dimensions(), scaled.pairs(), plain));
                },
                Patched::weights);
    }

    @Test
    void aWrongNormEpsilonFailsTheExport() {
        fails("llama", layout -> withEpsilon(layout, 1e-5), Patched::weights); // 1e-6 in its config.json
    }

    @Test
    void aMissingPatchFailsTheExport() {
        fails("gpt2", layout -> layout, patched -> Map.of());
    }

    private interface WrongWeights {
        Map<String, float[]> of(Patched patched);
    }

    private void fails(String family, UnaryOperator<DecoderLayout> layout, WrongWeights weights) {
        try (Patched patched = Patched.open(Patched.conformance(family))) {
            Checkpoint base = patched.checkpoint();
            ParityCheck check = new ParityCheck(patched.model(), patched.prompts());
            OnnxExport wrong = new OnnxExport(
                    layout.apply(DecoderLayout.of(base)),
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

    private static DecoderLayout with(DecoderLayout layout, Rotary rotary) {
        ModelConfig c = layout.config();
        ModelConfig changed = new ModelConfig(
                c.modelType(),
                c.dModel(),
                c.nLayers(),
                c.nHeads(),
                c.nKeyValueHeads(),
                c.dHead(),
                c.dMlp(),
                c.dVocab(),
                c.nCtx(),
                c.normEpsilon(),
                c.parallel(),
                c.activation(),
                c.attentionScale(),
                c.attentionCap(),
                c.finalCap(),
                c.windows(),
                Optional.of(rotary),
                c.tied());
        return with(layout, changed, layout.blocks(), layout.finalNorm());
    }

    private static DecoderLayout withEpsilon(DecoderLayout layout, double epsilon) {
        UnaryOperator<Norm> changed = norm -> new Norm(norm.kind(), norm.weight(), norm.bias(), epsilon);
        List<Block> blocks = layout.blocks().stream()
                .map(block -> new Block(
                        block.attentionNorm().map(changed),
                        block.projection(),
                        block.queryNorm(),
                        block.keyNorm(),
                        block.normsHeads(),
                        block.output(),
                        block.attentionOutNorm(),
                        block.mlpReads(),
                        block.mlpNorm().map(changed),
                        block.hidden(),
                        block.mlpOut(),
                        block.mlpOutNorm()))
                .toList();
        return with(layout, layout.config(), blocks, changed.apply(layout.finalNorm()));
    }

    private static DecoderLayout with(DecoderLayout layout, ModelConfig config, List<Block> blocks, Norm finalNorm) {
        return new DecoderLayout(
                config,
                layout.embedding(),
                layout.scaledEmbedding(),
                layout.positions(),
                blocks,
                finalNorm,
                layout.unembedding(),
                layout.prefix());
    }
}

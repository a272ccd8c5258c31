package modelpatch.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import modelpatch.BadInput;
import modelpatch.evaluate.Progress;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.Site;
import modelpatch.patch.Orientation;
import modelpatch.patch.TensorDelta;
import modelpatch.solve.Matrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The paper's edit on real forward passes: what F8 of the notes on CREME asks for, on conformance checkpoints. */
class DecoderLayersTest {
    private static final int[] PREFIX = {5, 6, 7};
    private static final List<Integer> LAYERS = List.of(1, 2);

    @ParameterizedTest
    @ValueSource(strings = {"llama", "mistral", "qwen3", "gpt2", "gpt_neox", "gptj", "gemma2", "olmo2"})
    void afterTheEditTheMeanOutputOfTheCompositionIsTheGuidesMeanOutputInTheModelAsItThenIs(String name) {
        List<int[]> compositions = List.of(ids(8, 1), ids(9, 2));
        List<int[]> guides = List.of(ids(5, 3), ids(6, 4));
        try (LanguageModel model = open(name);
                DecoderLayers layers = layers(model, compositions, guides, new int[] {0, 0})) {
            int dIn = model.config().nHeads() * model.config().dHead();
            List<LayerEdit> edits =
                    LayerByLayerTest.plain(ClosedForm.cremePaper(), dIn).edit(layers);
            assertThat(edits).allSatisfy(edit -> {
                assertThat(edit.change().rank()).isEqualTo(1);
                assertThat(edit.conditions()).allMatch(PostCondition::met);
            });
            try (LanguageModel patched = model.with(weights(model, edits))) {
                // the topmost edited layer's target was measured before that layer changed: its guide output needs W of
                // the layer itself
                try (LanguageModel below = model.with(weights(model, edits.subList(0, 1)))) {
                    assertMeans(patched, below, compositions, guides, 2);
                }
                assertMeans(patched, model, compositions, guides, 1);
            }
        }
    }

    /** mean over compositions of W' z in the patched model = mean over guides of W z in the model before this layer's edit. */
    private static void assertMeans(
            LanguageModel patched, LanguageModel before, List<int[]> compositions, List<int[]> guides, int layer) {
        double[] found = meanOutput(patched, compositions, layer);
        double[] expected = meanOutput(before, guides, layer);
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within(1e-5)); // float32 runs at outputs of order 1
        }
    }

    private static double[] meanOutput(LanguageModel model, List<int[]> prompts, int layer) {
        Site z = new Site(Site.Kind.Z, layer);
        var cache = model.run(PREFIX, prompts, Set.of(z), List.of(), false);
        int in = model.config().nHeads() * model.config().dHead();
        int out = model.config().dModel();
        float[] weight = model.weight(model.outputName(layer));
        double[] mean = new double[out];
        for (int p = 0; p < prompts.size(); p++) {
            float[] key = cache.at(p, z, prompts.get(p).length - 1);
            for (int i = 0; i < out; i++) {
                for (int j = 0; j < in; j++) {
                    mean[i] += weight[model.storesTransposed() ? j * out + i : i * in + j] * key[j] / prompts.size();
                }
            }
        }
        return mean;
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gptj"})
    void aSpreadResidualPutsTheCompositionsResidualStreamWhereTheGuideEnded(String name) {
        List<int[]> compositions = List.of(ids(8, 1));
        List<int[]> guides = List.of(ids(5, 3));
        try (LanguageModel model = open(name);
                DecoderLayers layers = layers(model, compositions, guides, new int[] {0})) {
            int dIn = model.config().nHeads() * model.config().dHead();
            ClosedForm form = ClosedForm.spreadResidual().with(new Editor.Numbers(1e-9, 1e-12, 1));
            List<LayerEdit> edits = LayerByLayerTest.plain(form, dIn).edit(layers);
            try (LanguageModel patched = model.with(weights(model, edits))) {
                float[] found = residual(patched, compositions.get(0), Site.Kind.RESIDUAL_MID);
                float[] goal = residual(model, guides.get(0), Site.Kind.RESIDUAL_POST);
                for (int i = 0; i < goal.length; i++) {
                    assertThat(found[i]).isCloseTo(goal[i], within(1e-4f)); // what ridge and float32 leave of order 1
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gptj", "gpt_neox", "phi3"})
    void aSpreadResidualOnTheMlpsPutsTheWholeBlockWhereTheGuideEnded(String name) {
        List<int[]> compositions = List.of(ids(8, 1));
        List<int[]> guides = List.of(ids(5, 3));
        try (LanguageModel model = open(name);
                DecoderLayers layers = mlps(model, Map.of(Role.EDIT, compositions, Role.GUIDE, guides))) {
            ClosedForm form = ClosedForm.spreadResidual().with(new Editor.Numbers(1e-9, 1e-12, 1));
            List<LayerEdit> edits =
                    LayerByLayerTest.plain(form, model.config().dMlp()).edit(layers);
            assertThat(edits).extracting(LayerEdit::tensor).containsExactly(model.mlpOutName(1), model.mlpOutName(2));
            try (LanguageModel patched = model.with(weights(model, edits))) {
                float[] found = residual(patched, compositions.get(0), Site.Kind.RESIDUAL_POST);
                float[] goal = residual(model, guides.get(0), Site.Kind.RESIDUAL_POST);
                for (int i = 0; i < goal.length; i++) {
                    assertThat(found[i]).isCloseTo(goal[i], within(1e-4f)); // what ridge and float32 leave of order 1
                }
            }
        }
    }

    @Test
    void displacementIsWhatTheEditsDidToTheStreamTurnedRoundForAnyNumberOfPrompts() {
        List<int[]> held =
                IntStream.range(0, 300).mapToObj(i -> ids(3 + i % 5, i)).toList();
        try (LanguageModel model = open("llama");
                DecoderLayers layers = mlps(
                        model,
                        Map.of(
                                Role.EDIT, List.of(ids(8, 1)),
                                Role.GUIDE, List.of(ids(5, 3)),
                                Role.PROTECTED, held))) {
            ClosedForm form = ClosedForm.spreadResidual()
                    .with(new Editor.Numbers(1e-3, 1e-6, 1))
                    .protecting(List.of());
            List<LayerEdit> edits =
                    LayerByLayerTest.plain(form, model.config().dMlp()).edit(layers);
            Matrix displaced = layers.displaced(2, Role.PROTECTED);
            Site post = new Site(Site.Kind.RESIDUAL_POST, 2);
            try (LanguageModel patched = model.with(weights(model, edits))) {
                for (int j = 0; j < held.size(); j++) {
                    int[] prompt = held.get(j);
                    float[] unedited = model.run(PREFIX, List.of(prompt), Set.of(post), List.of())
                            .at(0, post, prompt.length - 1);
                    float[] edited = patched.run(PREFIX, List.of(prompt), Set.of(post), List.of())
                            .at(0, post, prompt.length - 1);
                    for (int i = 0; i < unedited.length; i++) {
                        assertThat(displaced.get(i, j))
                                .isCloseTo(
                                        (double) unedited[i] - edited[i], within(2e-5)); // float32, batched otherwise
                    }
                }
            }
        }
    }

    @Test
    void aForecastIsTheEditAtItsFirstLayerAndAddsUpItsMovementAbove() {
        Map<Role, List<int[]>> prompts = Map.of(Role.EDIT, List.of(ids(8, 1)), Role.GUIDE, List.of(ids(5, 3)));
        try (LanguageModel model = open("llama");
                DecoderLayers layers = layers(model, EditedMatrix.W_O, prompts, new int[] {0});
                DecoderLayers foreseen = new DecoderLayers(
                        request(model, EditedMatrix.W_O, prompts, new int[] {0}).foreseen(),
                        RowWeights.alike(prompts))) {
            int dIn = model.config().nHeads() * model.config().dHead();
            ClosedForm form = ClosedForm.spreadResidual()
                    .with(new Editor.Numbers(1e-3, 1e-6, 1))
                    .protecting(List.of());
            LayerEdit made = LayerByLayerTest.plain(form, dIn).edit(layers).get(0);
            List<LayerEdit> edits = LayerByLayerTest.plain(form, dIn).edit(foreseen);
            LayerEdit first = edits.get(0);
            assertThat(first.change().dense().minus(made.change().dense()).norm())
                    .isZero();
            // below the second layer's own change
            Matrix keys = foreseen.observe(1, Role.EDIT, View.FROZEN).keys();
            Matrix above = foreseen.observe(2, Role.EDIT, View.FROZEN).keys();
            Matrix moved = first.change().times(keys).plus(edits.get(1).change().times(above));
            Matrix displaced = foreseen.displaced(2, Role.EDIT);
            for (int i = 0; i < moved.rows(); i++) {
                assertThat(displaced.get(i, 0))
                        .isCloseTo(-moved.get(i, 0), within(1e-5)); // float32 at values of order 1
            }
            assertThat(moved.norm()).isPositive();
        }
    }

    private static DecoderLayers mlps(LanguageModel model, Map<Role, List<int[]>> prompts) {
        return layers(
                model,
                EditedMatrix.W_DOWN,
                prompts,
                new int[prompts.get(Role.EDIT).size()]);
    }

    private static float[] residual(LanguageModel model, int[] prompt, Site.Kind kind) {
        Site site = new Site(kind, 2);
        return model.run(PREFIX, List.of(prompt), Set.of(site), List.of()).at(0, site, prompt.length - 1);
    }

    @Test
    void aResidualTargetIsRefusedWhereANormStandsBetween() {
        try (LanguageModel model = open("gemma2");
                DecoderLayers layers = layers(model, List.of(ids(8, 1)), List.of(ids(5, 3)), new int[] {0})) {
            assertThatThrownBy(() -> layers.residualAfter(2, Role.GUIDE))
                    .isInstanceOf(BadInput.class)
                    .hasMessageContaining("creme-paper");
        }
    }

    private static Map<String, float[]> weights(LanguageModel model, List<LayerEdit> edits) {
        Orientation orientation = model.storesTransposed() ? Orientation.IN_OUT : Orientation.OUT_IN;
        Map<String, float[]> weights = new LinkedHashMap<>();
        for (LayerEdit edit : edits) {
            TensorDelta delta = TensorDelta.of(edit.tensor(), edit.change(), orientation);
            weights.put(edit.tensor(), TensorDelta.apply(model.weight(edit.tensor()), new ArrayList<>(List.of(delta))));
        }
        return weights;
    }

    private static DecoderLayers layers(
            LanguageModel model, List<int[]> compositions, List<int[]> guides, int[] cases) {
        return layers(model, EditedMatrix.W_O, Map.of(Role.EDIT, compositions, Role.GUIDE, guides), cases);
    }

    private static DecoderLayers layers(
            LanguageModel model, EditedMatrix matrix, Map<Role, List<int[]>> prompts, int[] cases) {
        return new DecoderLayers(request(model, matrix, prompts, cases), RowWeights.alike(prompts));
    }

    private static EditRequest request(
            LanguageModel model, EditedMatrix matrix, Map<Role, List<int[]>> prompts, int[] cases) {
        return new EditRequest(
                model,
                new EditPrompts.Encoded(PREFIX, prompts, Map.of(), new int[0], List.of()),
                cases,
                EditPlan.of(Method.SPREAD_RESIDUAL, List.of()).on(matrix, LAYERS),
                none -> {
                    throw new AssertionError("no moments are asked for");
                },
                new BankKeys(model, matrix),
                Progress.UNWATCHED);
    }

    private static LanguageModel open(String name) {
        return LanguageModel.open(Path.of("src/test/resources/conformance", name), LoadOptions.defaults());
    }

    private static int[] ids(int count, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, count).map(i -> random.nextInt(97)).toArray();
    }
}

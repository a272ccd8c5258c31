package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import modelpatch.engine.ShapesOnly;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Everything that a model does, with its arrays on a device that is not the processor and has no numbers: an array that is made, or left, on the
 * processor beside them is an error there as on a GPU. What is read is 0, so the tests say that all of it was done and nothing of what came out.
 */
class OtherDeviceTest {
    private static final int[] CLEAN = {1, 5, 2, 7, 3, 9, 4, 8};
    private static final int[] CORRUPTED = {1, 5, 6, 7, 3, 9};
    private static final int[] PREFIX = {3, 2, 6};
    private static final List<int[]> PROMPTS = List.of(CLEAN, CORRUPTED);
    private static final DecoderTraining.Optimizer OPTIMIZER = new DecoderTraining.Optimizer(0.9, 0.999, 1e-8, 0.1, 1);

    private ShapesOnly device;

    @BeforeEach
    void elsewhere() {
        device = new ShapesOnly();
    }

    @AfterEach
    void back() {
        device.close();
    }

    static Stream<Path> models() {
        return Stream.concat(
                ConformanceFamilies.names().map(ConformanceFamilies::path),
                Conformance2.names().stream().map(Conformance2::path));
    }

    private static LanguageModel open(Path path) {
        return LanguageModel.open(path, LoadOptions.defaults().withThreads(2));
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyArchitectureRunsReadsAndIsIntervenedUponThere(Path path) {
        try (LanguageModel model = open(path)) {
            int width = model.config().dModel();
            boolean alone = Conformance2.names().contains(model.name());
            for (int[] prefix : alone ? List.of(PREFIX) : List.of(new int[0], PREFIX)) {
                assertThat(model.allLogits(prefix, CLEAN))
                        .hasDimensions(CLEAN.length, model.config().dVocab());
                assertThat(model.nextLogits(prefix, PROMPTS)).hasSize(2);
                assertThat(model.generate(prefix, PROMPTS, 3, ids -> false)).allMatch(ids -> ids.length == 3);
                assertThat(model.logProbabilities(prefix, PROMPTS, List.of(new int[] {4, 5}, new int[] {6})))
                        .hasSize(2);
                Set<Site> sites = new HashSet<>();
                for (Site.Kind kind : Site.Kind.values()) {
                    if (kind != Site.Kind.MLP_HIDDEN
                            || model.layout().blocks().get(1).mlp().output().isPresent()) {
                        sites.add(new Site(kind, 1));
                    }
                }
                Site site = new Site(Site.Kind.RESIDUAL_POST, 0);
                Intervention change = Intervention.add(site, 2, new float[width]);
                assertThat(model.run(prefix, PROMPTS, sites, List.of(List.of(change), List.of()))
                                .at(0, new Site(Site.Kind.RESIDUAL_POST, 1), 2))
                        .hasSize(width);
                try (RecordedRun run = model.record(prefix, CLEAN)) {
                    for (boolean whole : new boolean[] {true, false}) {
                        assertThat(run.resume(2, List.of(List.of(change), List.of(change)), new int[] {1, 2}, whole))
                                .hasSize(2);
                    }
                    new HeadAttribution(model, run, CLEAN.length - 1, 3)
                            .effect(
                                    new HeadAddress(0, 0),
                                    new float[model.config().dHead()]);
                }
            }
            assertThat(model.lens(List.of(new float[width], new float[width]), new int[] {1, 2, 3}, true)
                            .logits())
                    .hasDimensions(2, 3);
            String output = model.outputName(0);
            try (LanguageModel changed = model.with(Map.of(output, model.weight(output)))) {
                assertThat(changed.nextLogits(PREFIX, PROMPTS)).hasSize(2);
            }
        }
    }

    @Test
    void aRunThatStopsInsideBlocksDoesSoThere() {
        try (LanguageModel model = open(ConformanceFamilies.path("llama"));
                SteppedRun run = model.step(PREFIX, PROMPTS)) {
            SteppedRun.Standing standing = run.standing(1);
            try (SteppedRun again = model.step(PREFIX, PROMPTS, standing)) {
                assertThat(again.standing(1).bytes()).isEqualTo(standing.bytes());
            }
        }
    }

    @Test
    void adaptersAreTrainedThere() {
        try (LanguageModel model = open(ConformanceFamilies.path("llama"))) {
            Adapter start = Adapter.beginning(
                    model.layout(), linear -> linear.weight().contains("self_attn"), 2, 3, new Random(1));
            AdapterTraining.Sequence one = new AdapterTraining.Sequence(CLEAN, new float[] {0, 0, 1, 1, 0, 0, 1, 1});
            AdapterTraining.Sequence other = new AdapterTraining.Sequence(CORRUPTED, new float[] {0, 0, 0, 0, 1, 1});
            try (AdapterTraining training = new AdapterTraining(model, start, OPTIMIZER, 1)) {
                training.step(List.of(one, other), 1e-3);
                training.prefer(List.of(new AdapterTraining.Preference(one, other, 0.1)), 0.1, 1e-3);
                assertThat(training.adapter().parameters()).isEqualTo(start.parameters());
                try (LanguageModel adapted = model.with(training.adapter())) {
                    assertThat(adapted.nextLogits(PREFIX, PROMPTS)).hasSize(2);
                }
            }
        }
    }

    @Test
    void statesAndLensesAreTrainedThere() {
        try (LanguageModel model = open(ConformanceFamilies.path("gpt2"));
                RecordedRun run = model.record(PREFIX, CLEAN)) {
            int width = model.config().dModel();
            float[][] wanted = {StateTraining.Example.certain(3, model.config().dVocab())};
            try (StateTraining training = new StateTraining(
                    model, 0, List.of(new StateTraining.Example(run, 4, wanted, 1)), new float[width], 0.1)) {
                training.step(1e-2);
                assertThat(training.state()).hasSize(width);
            }
            List<float[]> rows = List.of(new float[width], new float[width]);
            try (LensTraining training = new LensTraining(model, rows)) {
                training.step(rows, rows, 1e-3);
                assertThat(training.matrix()).hasSize(width * width);
            }
            assertThat(LensTraining.divergence(model, rows, rows)).isZero();
        }
    }

    @Test
    void modelsAreTrainedThere() throws IOException {
        JsonNode config = new ObjectMapper()
                .readTree(
                        ConformanceFamilies.path("llama").resolve("config.json").toFile());
        int[] row = Arrays.copyOf(CLEAN, 5);
        try (DecoderTraining training = DecoderTraining.create(config, OPTIMIZER, 1, 2)) {
            training.step(
                    new DecoderTraining.Batch(
                            new int[][] {row, row},
                            new float[][] {{1, 1, 1, 1}, {0, 1, 1, 0}},
                            List.of(new DecoderTraining.AuxiliaryTarget(1, 2, 0, 4, 1))),
                    1e-3);
            assertThat(training.steps()).isEqualTo(1);
        }
    }
}

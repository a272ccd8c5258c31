package modelpatch.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import modelpatch.model.ActivationCache;
import modelpatch.model.LanguageModel;
import modelpatch.model.LoadOptions;
import modelpatch.model.Remembered;
import modelpatch.model.Site;
import modelpatch.model.SteppedRun;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UneditedRunsTest {
    private static final int[] PREFIX = {5, 6, 7};
    private static LanguageModel model;

    @BeforeAll
    static void open() {
        model = LanguageModel.open(Path.of("src/test/resources/conformance/llama"), LoadOptions.defaults());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static List<int[]> prompts(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new SplittableRandom(i).ints(3 + i % 4, 0, 97).toArray())
                .toList();
    }

    @ParameterizedTest
    @EnumSource(EditedMatrix.class)
    void whatIsRememberedIsWhatAPlainRunReadsInAnyOrderOfAskingAndForAnyNumberOfPrompts(EditedMatrix matrix) {
        UneditedRuns runs = new UneditedRuns(model, matrix);
        runs.expect(List.of(EditPlan.of(Method.SPREAD_RESIDUAL, List.of(1, 2))));
        List<int[]> prompts = prompts(300); // more than take a block together
        List<Site.Kind> kinds = List.of(matrix.reads(), matrix.stream(), Site.Kind.RESIDUAL_POST);
        for (int layer : List.of(2, 0, 1, 2)) {
            Map<Site.Kind, float[][]> found = runs.at(PREFIX, prompts, layer, List.of());
            for (Site.Kind kind : kinds) {
                Site site = new Site(kind, layer);
                ActivationCache plain = model.run(PREFIX, prompts, Set.of(site), List.of(), false);
                for (int i = 0; i < prompts.size(); i++) {
                    float[] expected = plain.at(i, site, prompts.get(i).length - 1);
                    for (int c = 0; c < expected.length; c++) {
                        // float32, batched otherwise
                        assertThat(found.get(kind)[i][c]).isCloseTo(expected[c], within(1e-5f));
                    }
                }
            }
        }
    }

    @Test
    void runsBeginWhereAPlanWillAndReadWhatRunsFromTheBeginningRead() {
        UneditedRuns runs = new UneditedRuns(model, EditedMatrix.W_O);
        List<int[]> prompts = prompts(300);
        Set<Site.Kind> kinds = Set.of(Site.Kind.Z);
        List<float[][]> fromTheBeginning = read(runs.before(PREFIX, prompts, 1), 2, kinds);
        runs.expect(List.of(EditPlan.of(Method.CREME_PAPER, List.of(1, 2))));
        runs.at(PREFIX, prompts, 1, List.of());
        List<SteppedRun> standing = runs.before(PREFIX, prompts, 1);
        assertThat(standing)
                .allSatisfy(run -> assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> run.read(0, kinds)))
                        .isInstanceOf(IllegalArgumentException.class));
        List<float[][]> found = read(standing, 2, kinds);
        assertThat(found).hasSize(2);
        for (int part = 0; part < found.size(); part++) {
            assertThat(found.get(part)).isDeepEqualTo(fromTheBeginning.get(part));
        }
    }

    private static List<float[][]> read(List<SteppedRun> runs, int layer, Set<Site.Kind> kinds) {
        List<float[][]> rows = new ArrayList<>();
        for (SteppedRun run : runs) {
            try (run) {
                rows.add(run.read(layer, kinds).get(Site.Kind.Z));
            }
        }
        return rows;
    }

    @Test
    void whatIsLeastLatelyUsedGivesWayAndWhatIsTooLargeIsNotKept() {
        Remembered<String, Long> some = new Remembered<>(10, size -> size);
        some.put("a", 4L);
        some.put("b", 4L);
        assertThat(some.get("a")).contains(4L);
        some.put("c", 5L);
        assertThat(some.has("b")).isFalse();
        assertThat(some.has("a") && some.has("c")).isTrue();
        some.put("d", 11L);
        assertThat(some.has("d")).isFalse();
        some.put("c", 1L);
        some.put("e", 5L);
        assertThat(some.has("a") && some.has("c") && some.has("e")).isTrue();
    }
}

package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * LongRoPE turns every position of a sequence otherwise once that is longer than the original context, 16 tokens here. Whatever is kept and
 * shared, the numbers are those of the whole sequence run at once, which Conformance2Test holds against the reference.
 */
class LongRopeTest {
    private static final String NAME = "phi4_mini_longrope_long";
    private static final int BORDER = 16;
    private static final int[] NOTHING = {};

    /** Rounding of two ways through the same float32 operations. */
    private static final double TOLERANCE = 1e-5;

    private static LanguageModel model;
    private static int[] ids;

    @BeforeAll
    static void open() {
        model = LanguageModel.open(Conformance2.path(NAME), LoadOptions.defaults());
        ids = IntStream.range(0, 24).map(i -> (i * 37 + 11) % 97).toArray();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static int[] part(int from, int to) {
        return Arrays.copyOfRange(ids, from, to);
    }

    /** The slow way: nothing is kept. */
    private static float[] whole(int[] sequence) {
        float[][] all = model.allLogits(NOTHING, sequence);
        return all[all.length - 1];
    }

    private static void same(float[] found, float[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], within((float) TOLERANCE));
        }
    }

    @Test
    void theFactorsOfLongSequencesMatterHere() {
        float[][] all = model.allLogits(NOTHING, part(0, BORDER + 1));
        double difference = 0;
        for (int i = 0; i < all[0].length; i++) {
            difference = Math.max(difference, Math.abs(all[BORDER - 1][i] - whole(part(0, BORDER))[i]));
        }
        assertThat(difference).isGreaterThan(100 * TOLERANCE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 15, 16, 17, 20})
    void promptsShortAndLongAfterOneSharedPrefixGiveTheNumbersOfWholeSequences(int prefix) {
        List<int[]> prompts = new ArrayList<>();
        for (int end = prefix + 1; end <= ids.length; end++) {
            prompts.add(part(prefix, end));
        }
        for (int twice = 0; twice < 2; twice++) { // the second time from the kept prefixes
            List<float[]> found = model.nextLogits(part(0, prefix), prompts);
            for (int i = 0; i < prompts.size(); i++) {
                same(found.get(i), whole(part(0, prefix + 1 + i)));
            }
        }
        float[][] all = model.allLogits(part(0, prefix), part(prefix, ids.length));
        same(all[all.length - 1], whole(ids));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8, 16})
    void aResumedHeadSaysWhatAWholeRunWithThatChangeSays(int prefix) {
        int[] prompt = part(prefix, ids.length);
        int last = prompt.length - 1;
        int[] tokens = IntStream.range(0, model.config().dVocab()).toArray();
        try (RecordedRun run = model.record(part(0, prefix), prompt)) {
            same(run.logits(), whole(ids));
            for (int position : new int[] {1, last}) {
                Intervention change = Intervention.head(
                        new HeadAddress(0, 1),
                        position,
                        new float[model.config().dHead()]);
                Intervention inWhole = Intervention.head(
                        new HeadAddress(0, 1),
                        prefix + position,
                        new float[model.config().dHead()]);
                double[] resumed = run.resume(position, List.of(List.of(change)), tokens, false)
                        .get(0)
                        .logits();
                float[] slow = model.run(NOTHING, List.of(ids), Set.of(), List.of(List.of(inWhole)))
                        .logits(0);
                for (int token : tokens) {
                    assertThat(resumed[token]).isCloseTo(slow[token], within(TOLERANCE));
                }
            }
        }
    }

    @Test
    void probabilitiesOfAnswersThatReachBeyondTheBorderAreThoseOfTheWhole() {
        List<int[]> prompts = List.of(part(6, 12), part(6, 15));
        List<int[]> answers = List.of(part(12, 20), part(15, 16));
        List<double[]> found = model.logProbabilities(part(0, 6), prompts, answers);
        for (int i = 0; i < 2; i++) {
            int[] sequence = part(0, i == 0 ? 20 : 16);
            int first = i == 0 ? 12 : 15;
            float[][] all = model.allLogits(NOTHING, sequence);
            for (int t = first; t < sequence.length; t++) {
                double expected = all[t - 1][sequence[t]] - NextToken.logSumExp(all[t - 1]);
                assertThat(found.get(i)[t - first]).isCloseTo(expected, within(TOLERANCE));
            }
        }
    }

    @Test
    void blockByBlockTheRowsAreThoseOfTheWholeToo() {
        Site site = new Site(Site.Kind.RESIDUAL_PRE, 1);
        List<int[]> prompts = List.of(part(8, 24), part(8, 12));
        try (SteppedRun stepped = model.step(part(0, 8), prompts)) {
            float[][] found = stepped.read(1, Set.of(site.kind())).get(site.kind());
            for (int i = 0; i < 2; i++) {
                int length = 8 + prompts.get(i).length;
                ActivationCache slow = model.run(NOTHING, List.of(part(0, length)), Set.of(site), List.of(), false);
                same(found[i], slow.at(0, site, length - 1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 14})
    void aTextThatGrowsBeyondTheBorderGoesOnAsIfItHadBeenLongAllTheTime(int prefix) {
        List<int[]> prompts = List.of(part(prefix, 15), part(prefix, 16), part(prefix, 20));
        List<int[]> found = model.generate(part(0, prefix), prompts, 6, said -> false);
        for (int i = 0; i < prompts.size(); i++) {
            int[] sequence = part(0, prefix + prompts.get(i).length);
            int[] said = new int[6];
            for (int step = 0; step < said.length; step++) {
                said[step] = NextToken.argmax(whole(sequence));
                sequence = Arrays.copyOf(sequence, sequence.length + 1);
                sequence[sequence.length - 1] = said[step];
            }
            assertThat(found.get(i)).isEqualTo(said);
        }
    }
}

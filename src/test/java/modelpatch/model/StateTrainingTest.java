package modelpatch.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A trained state against whole runs with the state added, and against central differences. */
class StateTrainingTest {
    private static final int[] PREFIX = {7, 3};
    private static final List<int[]> PROMPTS = List.of(new int[] {1, 2, 3, 4, 5, 6}, new int[] {9, 8, 7, 6});
    private static final int[] POSITIONS = {2, 1};
    private static final int READ = 2;

    private static LanguageModel model;
    private static List<RecordedRun> runs;

    @BeforeAll
    static void open() throws IOException {
        model = LanguageModel.open(ConformanceFamilies.path("llama"), LoadOptions.defaults());
        runs = model.record(PREFIX, PROMPTS);
    }

    @AfterAll
    static void close() {
        runs.forEach(RecordedRun::close);
        model.close();
    }

    private static float[][] lastLogits(int[] prompt) {
        float[][] logits = model.allLogits(PREFIX, prompt);
        return Arrays.copyOfRange(logits, logits.length - READ, logits.length);
    }

    /** What other prompts say at their ends. */
    private static List<float[][]> wanted() {
        return List.of(lastLogits(new int[] {20, 21, 22}), lastLogits(new int[] {30, 31, 32, 33}));
    }

    private static StateTraining training(List<float[][]> wanted, float[] start) {
        return training(wanted, start, 0);
    }

    private static StateTraining training(List<float[][]> wanted, float[] start, double decay) {
        List<StateTraining.Example> examples = new ArrayList<>();
        for (int i = 0; i < PROMPTS.size(); i++) {
            examples.add(
                    new StateTraining.Example(runs.get(i), POSITIONS[i], wanted.get(i), 1.0 / (PROMPTS.size() * READ)));
        }
        return new StateTraining(model, 0, examples, start, decay);
    }

    private static float[] random() {
        SplittableRandom random = new SplittableRandom(1);
        float[] state = new float[model.config().dModel()];
        for (int i = 0; i < state.length; i++) {
            state[i] = (float) (random.nextDouble() - 0.5);
        }
        return state;
    }

    /** The mean divergence over whole runs of beginnings, so that each row is the last of its run; in double. */
    private static double naive(List<float[][]> wanted, float[] state) {
        double sum = 0;
        for (int i = 0; i < PROMPTS.size(); i++) {
            for (int row = 0; row < READ; row++) {
                int[] beginning = Arrays.copyOf(PROMPTS.get(i), PROMPTS.get(i).length - READ + 1 + row);
                Intervention added = Intervention.add(new Site(Site.Kind.RESIDUAL_POST, 0), POSITIONS[i], state);
                float[] said = model.run(PREFIX, List.of(beginning), Set.of(), List.of(List.of(added)))
                        .logits(0);
                sum += divergence(wanted.get(i)[row], said);
            }
        }
        return sum / (PROMPTS.size() * READ);
    }

    private static double divergence(float[] wanted, float[] said) {
        double divergence = 0;
        for (int v = 0; v < wanted.length; v++) {
            double goal = wanted[v] - NextToken.logSumExp(wanted);
            divergence += Math.exp(goal) * (goal - (said[v] - NextToken.logSumExp(said)));
        }
        return divergence;
    }

    @Test
    void theDivergenceIsThatOfWholeRunsWithTheStateAdded() {
        try (StateTraining training = training(wanted(), random())) {
            assertThat(training.loss()).isCloseTo(naive(wanted(), random()), within(1e-5));
        }
    }

    @Test
    void aStateOfZeroSaysWhatTheRunsThemselvesSay() {
        List<float[][]> own =
                PROMPTS.stream().map(StateTrainingTest::lastLogits).toList();
        try (StateTraining training = training(own, new float[model.config().dModel()])) {
            assertThat(training.loss()).isCloseTo(0, within(1e-6));
        }
    }

    @Test
    void theGradientIsThatOfCentralDifferences() {
        float[] state = random();
        try (StateTraining training = training(wanted(), state)) {
            float[] gradient = training.gradient();
            double error = 0;
            double size = 0;
            for (int c = 0; c < state.length; c++) {
                float[] above = state.clone();
                float[] below = state.clone();
                above[c] += 1e-2f;
                below[c] -= 1e-2f;
                double exact = (naive(wanted(), above) - naive(wanted(), below)) / 2e-2;
                error += (gradient[c] - exact) * (gradient[c] - exact);
                size += exact * exact;
            }
            // float32 runs under differences of 1e-2: half a per cent is what they resolve
            assertThat(Math.sqrt(error / size)).isLessThan(5e-3);
        }
    }

    @Test
    void stepsBringTheDivergenceDownAndAreTheSameTwice() {
        try (StateTraining one = training(wanted(), new float[model.config().dModel()]);
                StateTraining other =
                        training(wanted(), new float[model.config().dModel()])) {
            double before = one.loss();
            for (int step = 0; step < 20; step++) {
                assertThat(one.step(0.05)).isEqualTo(other.step(0.05));
            }
            assertThat(one.loss()).isLessThan(0.7 * before);
            assertThat(one.state()).isEqualTo(other.state());
        }
    }

    @Test
    void certaintyOfATokenMakesTheLossItsNegativeLogProbability() {
        int[] prompt = PROMPTS.get(0);
        int token = 41;
        float[] state = random();
        StateTraining.Example example = new StateTraining.Example(
                runs.get(0),
                POSITIONS[0],
                new float[][] {
                    StateTraining.Example.certain(token, model.config().dVocab())
                },
                0.5);
        Intervention added = Intervention.add(new Site(Site.Kind.RESIDUAL_POST, 0), POSITIONS[0], state);
        float[] said = model.run(PREFIX, List.of(prompt), Set.of(), List.of(List.of(added)))
                .logits(0);
        try (StateTraining training = new StateTraining(model, 0, List.of(example), state, 0)) {
            assertThat(training.loss()).isCloseTo(0.5 * (NextToken.logSumExp(said) - said[token]), within(1e-5));
        }
    }

    @Test
    void decayAddsTheVectorsLengthAndItsDirectionToTheGradient() {
        float[] state = random();
        double length = length(state);
        try (StateTraining plain = training(wanted(), state);
                StateTraining decayed = training(wanted(), state, 0.7)) {
            assertThat(decayed.loss() - plain.loss()).isCloseTo(0.7 * length, within(1e-5));
            for (int c = 0; c < state.length; c++) {
                assertThat((double) decayed.gradient()[c] - plain.gradient()[c])
                        .isCloseTo(0.7 * state[c] / length, within(1e-5));
            }
        }
        try (StateTraining still = training(wanted(), new float[state.length], 0.7)) {
            assertThat(still.gradient()).doesNotContain(Float.NaN);
        }
    }

    @Test
    void aVectorIsShortenedToTheGivenLengthAndLeftAloneWithinIt() {
        float[] state = random();
        try (StateTraining training = training(wanted(), state)) {
            training.shorten(2 * length(state));
            assertThat(training.state()).isEqualTo(state);
            training.shorten(0.25);
            assertThat(length(training.state())).isCloseTo(0.25, within(1e-6));
            assertThat(training.state()[3] / state[3]).isCloseTo((float) (0.25 / length(state)), within(1e-5f));
        }
    }

    private static double length(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }
}

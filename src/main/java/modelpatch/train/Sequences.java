package modelpatch.train;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Packs lessons into sequences of equal length. What a step sees depends on seed and step alone. */
final class Sequences {
    private final Corpus corpus;
    private final TrainingConfig.Lessons plan;
    private final int beginning;
    private final long seed;

    /** A position at which the bridge is asked for by the logit lens. */
    record Ask(int position, int token) {}

    /**
     * @param ids [length + 1]: every token but the last is predicted from
     * @param weights [length]: the weight of predicting {@code ids[t + 1]} at t
     */
    record Sequence(int[] ids, float[] weights, List<Ask> asks) {}

    /** @param beginning the token that every sequence begins with */
    Sequences(Corpus corpus, TrainingConfig.Lessons plan, int beginning, long seed) {
        this.corpus = corpus;
        this.plan = plan;
        this.beginning = beginning;
        this.seed = seed;
    }

    /** The sequences of a step. */
    List<Sequence> of(int step) {
        RandomGenerator random = Draw.of(seed, "step", step);
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < plan.sequences(); i++) {
            sequences.add(sequence(random));
        }
        return sequences;
    }

    private Sequence sequence(RandomGenerator random) {
        int[] ids = new int[plan.length() + 1];
        float[] weights = new float[plan.length()];
        List<Ask> asks = new ArrayList<>();
        ids[0] = beginning;
        int filled = 1;
        while (filled < ids.length) {
            boolean composed = random.nextDouble() < plan.composedShare()
                    && !corpus.compositions().isEmpty();
            List<List<Lesson>> pool = composed ? corpus.compositions() : corpus.facts();
            int drawn = random.nextInt(pool.size());
            Lesson lesson = Draw.one(pool.get(drawn), random);
            int taken = Math.min(lesson.ids().length, ids.length - filled);
            System.arraycopy(lesson.ids(), 0, ids, filled, taken);
            for (int i = 0; i < taken; i++) {
                weights[filled + i - 1] = i < lesson.answerStart() ? (float) plan.promptWeight() : 1;
            }
            int asked = filled + lesson.phraseEnd();
            if (composed && asked < plan.length() && asks(drawn)) {
                asks.add(new Ask(asked, lesson.bridge()));
            }
            filled += taken;
        }
        return new Sequence(ids, weights, List.copyOf(asks));
    }

    /** Whether the auxiliary loss covers a composition. */
    private boolean asks(int composition) {
        return Draw.of(seed, "auxiliary", composition).nextDouble() < plan.auxiliaryShare();
    }
}

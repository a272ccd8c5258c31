package modelpatch.train;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import modelpatch.model.DecoderTraining.AuxiliaryTarget;
import modelpatch.model.DecoderTraining.Batch;

/** Packs lessons into sequences of equal length. What a step sees depends on seed and step alone. */
final class Sequences {
    private final Corpus corpus;
    private final TrainingConfig.Lessons plan;
    private final int beginning;
    private final long seed;

    /** @param beginning the token that every sequence begins with */
    Sequences(Corpus corpus, TrainingConfig.Lessons plan, int beginning, long seed) {
        this.corpus = corpus;
        this.plan = plan;
        this.beginning = beginning;
        this.seed = seed;
    }

    /** The sequences of a step, counted from 1. */
    Batch of(int step) {
        RandomGenerator random = Draw.of(seed, "step", step);
        int[][] ids = new int[plan.sequences()][plan.length() + 1];
        float[][] weights = new float[plan.sequences()][plan.length()];
        List<AuxiliaryTarget> targets = new ArrayList<>();
        for (int sequence = 0; sequence < plan.sequences(); sequence++) {
            fill(sequence, ids[sequence], weights[sequence], targets, random);
        }
        return new Batch(ids, weights, targets);
    }

    /** Fills a sequence with sentences, the last of which is cut where the sequence ends. */
    private void fill(int sequence, int[] ids, float[] weights, List<AuxiliaryTarget> targets, RandomGenerator random) {
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
            if (composed && plan.auxiliaryWeight() > 0 && asked < weights.length && asks(drawn)) {
                targets.add(new AuxiliaryTarget(
                        sequence, asked, plan.auxiliaryLayer(), lesson.bridge(), (float) plan.auxiliaryWeight()));
            }
            filled += taken;
        }
    }

    /** Whether the auxiliary loss covers a composition. */
    private boolean asks(int composition) {
        return Draw.of(seed, "auxiliary", composition).nextDouble() < plan.auxiliaryShare();
    }
}

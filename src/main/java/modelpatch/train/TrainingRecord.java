package modelpatch.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.RecordFile;
import modelpatch.model.DecoderTraining.Losses;
import modelpatch.model.LanguageModel;

/**
 * {@code training.json}: what a run did and what came of it.
 *
 * @param config resolved
 * @param digest of the weights
 * @param engine that trained
 * @param java that trained; arithmetic may differ by machine
 * @param lossesEvery how many steps one entry of {@code losses} is the mean of
 */
record TrainingRecord(
        TrainingConfig config,
        String digest,
        String engine,
        String java,
        int steps,
        boolean stoppedByRule,
        List<TrainingHistory.Sitting> exams,
        Portrait portrait,
        int lossesEvery,
        List<Losses> losses) {
    private static final int EVERY = 20;

    static TrainingRecord of(TrainingHistory history, TrainedModel trained, Portrait portrait) {
        return new TrainingRecord(
                history.config(),
                trained.digest(),
                LanguageModel.engineVersion(),
                System.getProperty("java.version") + " on " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch"),
                trained.steps(),
                trained.stoppedByRule(),
                List.copyOf(history.exams()),
                portrait,
                EVERY,
                means(history.losses(), EVERY));
    }

    /** Means over consecutive steps; the last over what is left. */
    static List<Losses> means(List<Losses> losses, int every) {
        List<Losses> means = new ArrayList<>();
        for (int from = 0; from < losses.size(); from += every) {
            List<Losses> part = losses.subList(from, Math.min(losses.size(), from + every));
            means.add(new Losses(
                    part.stream().mapToDouble(Losses::answer).average().orElseThrow(),
                    part.stream().mapToDouble(Losses::auxiliary).average().orElseThrow(),
                    part.stream().mapToDouble(Losses::gradientNorm).average().orElseThrow()));
        }
        return means;
    }

    void write(Path directory) {
        AtomicFile.write(directory.resolve("training.json"), out -> out.write(RecordFile.json(this)));
    }
}

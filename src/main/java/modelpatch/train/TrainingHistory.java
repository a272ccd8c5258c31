package modelpatch.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import modelpatch.BadInput;
import modelpatch.checkpoint.AtomicFile;
import modelpatch.document.RecordFile;
import modelpatch.model.DecoderTraining.Losses;

/**
 * What a run has measured so far: it is kept beside the training state, so that a resumed run tells the whole story.
 *
 * @param config of the run; another one cannot resume it
 * @param losses of every step, in order
 * @param exams in order
 */
record TrainingHistory(TrainingConfig config, List<Losses> losses, List<Sitting> exams) {
    private static final String FILE = "history.json";

    /** An exam and when it was taken; {@code whole} where everything was asked. */
    record Sitting(int step, boolean whole, Exam exam) {}

    TrainingHistory {
        losses = new ArrayList<>(losses);
        exams = new ArrayList<>(exams);
    }

    static TrainingHistory empty(TrainingConfig config) {
        return new TrainingHistory(config, List.of(), List.of());
    }

    /** Whether the stop rule held at the last exam. */
    boolean stopped() {
        return !exams.isEmpty() && last().whole() && config.stop().holds(last().step(), last().exam());
    }

    Sitting last() {
        return exams.get(exams.size() - 1);
    }

    void write(Path directory) {
        AtomicFile.write(directory.resolve(FILE), out -> out.write(RecordFile.json(this)));
    }

    /**
     * Reads what was measured up to a step; what came later, after the last checkpoint, is taken again.
     *
     * @throws BadInput when the run had another configuration
     */
    static TrainingHistory read(Path directory, TrainingConfig config, int steps) {
        Path file = directory.resolve(FILE);
        TrainingHistory found = RecordFile.read(file, TrainingHistory.class);
        if (!found.config().equals(config) || found.losses().size() < steps) {
            throw new BadInput(
                    "checkpoint of another run",
                    file.toString(),
                    "the configuration that is asked for now",
                    "another one",
                    "train into another directory, or remove this checkpoint to start anew");
        }
        return new TrainingHistory(
                config,
                found.losses().subList(0, steps),
                found.exams().stream().filter(one -> one.step() <= steps).toList());
    }
}

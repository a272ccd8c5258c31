package modelpatch.train;

import java.nio.file.Path;

/**
 * A finished run.
 *
 * @param directory what it wrote into
 * @param digest of the weights, as {@link modelpatch.model.LanguageModel#digest} gives it
 * @param steps made
 * @param exam after the last step, about everything
 * @param stoppedByRule whether the stop rule held; otherwise the steps were used up
 */
public record TrainedModel(Path directory, String digest, int steps, Exam exam, boolean stoppedByRule) {}

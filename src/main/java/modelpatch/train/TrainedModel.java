package modelpatch.train;

import java.nio.file.Path;

/**
 * What a training run ended with: the weights that it wrote and how they did in the last exam.
 *
 * @param directory what it wrote into
 * @param digest of the weights, as {@link modelpatch.model.LanguageModel#digest} gives it
 * @param steps made
 * @param exam after the last step, about everything
 * @param stoppedByRule whether the stop rule held; otherwise the steps were used up
 */
public record TrainedModel(Path directory, String digest, int steps, Exam exam, boolean stoppedByRule) {}
